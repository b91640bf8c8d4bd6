#include "log/sim_log.h"

#include <algorithm>

#include "base/check.h"

namespace iris::log {

using base::Errc;
using base::Error;

SimLog::SimLog(io::SimWorld& world, SimLogOptions options, SimFaults* faults)
    : world_(world), options_(options), faults_(faults), self_(world.add_loop("log")), partitions_(options.partitions) {
  IRIS_CHECK(options.partitions > 0 && options.durable_min <= options.durable_max);
}

base::Duration SimLog::up_to(base::Duration max) {
  return base::Duration(world_.random().below(static_cast<std::uint64_t>(max.count()) + 1));
}

base::SteadyTime SimLog::no_sooner(std::map<Lane, base::SteadyTime>& last, const Append& append, base::SteadyTime at) {
  base::SteadyTime& known = last[{append.loop, append.ticket.partition.value}];
  known = std::max(known, at);
  return known;
}

void SimLog::append(PartitionId partition, std::string record, io::Loop& loop, Callback<void(Result<Offset>)> done) {
  IRIS_CHECK(partition.value < options_.partitions);
  io::SimLoop& node = sim_loop(loop);
  if (!node.alive()) return;  // the rest of a call that has killed its own node
  Append asked{fence_.enter(loop, partition), std::move(record), &node, std::move(done)};
  const auto span = options_.durable_max - options_.durable_min;
  const auto at = no_sooner(last_landing_, asked, world_.now() + options_.durable_min + up_to(span));
  self_.after(at - world_.now(), [this, asked = std::move(asked)]() mutable { land(std::move(asked)); });
  if (faults_ != nullptr) faults_->at(CrashPoint::append_before_durable, loop);
}

void SimLog::land(Append append) {
  if (!append.loop->alive()) {
    if (cut_off_.contains(append.loop) || fence_.failed(append.ticket) ||
        !world_.random().chance(options_.crash_keeps)) {
      cut_off_.insert(append.loop);
      return;
    }
    put(append.ticket.partition, std::move(append.record));
    return;
  }
  bool kept = false;
  if (const auto code = fault(append, kept)) {
    if (kept) put(append.ticket.partition, append.record);
    fence_.fail(append.ticket, *code);
    answer(std::move(append), Error{*code, "simulated"});
    return;
  }
#ifdef IRIS_BUG_APPEND_NOT_IN_LOG  // planted against rule L1
  if (world_.random().chance(0.002)) {
    answer(std::move(append), Offset{partitions_[append.ticket.partition.value].end()});
    return;
  }
#endif
  const Offset offset = put(append.ticket.partition, append.record);
  if (faults_ != nullptr) faults_->at(CrashPoint::append_durable_before_ack, *append.loop);
  answer(std::move(append), offset);
}

std::optional<Errc> SimLog::fault(const Append& append, bool& kept) {
  if (const auto code = fence_.failed(append.ticket)) return code;
  auto& random = world_.random();
  if (random.chance(options_.append_unknown_kept)) {
    kept = true;
    return Errc::unknown_outcome;
  }
  if (random.chance(options_.append_unknown_lost)) return Errc::unknown_outcome;
  if (random.chance(options_.append_overloaded)) return Errc::overloaded;
  if (random.chance(options_.append_no_space)) return Errc::no_space;
  return std::nullopt;
}

Offset SimLog::put(PartitionId partition, std::string record) {
  Partition& log = partitions_[partition.value];
  const Offset offset{log.end()};
  log.records.push_back({offset, self_.clock().wall(), std::move(record)});
  for (Fetch& fetch : std::exchange(log.waiting, {})) serve(partition, std::move(fetch));
  return offset;
}

void SimLog::answer(Append append, Result<Offset> result) {
  const auto at = no_sooner(last_answer_, append, world_.now() + up_to(options_.answer_max));
  self_.after(at - world_.now(), [this, append = std::move(append), result]() mutable {
    io::SimLoop& loop = *append.loop;
    loop.post([this, append = std::move(append), result]() mutable {
      fence_.settled(append.ticket);
      append.done(std::move(result));
    });
  });
}

void SimLog::fetch(PartitionId partition, Offset from, std::size_t bytes_max, io::Loop& loop,
                   Callback<void(Result<std::vector<LogRecord>>)> done) {
  IRIS_CHECK(partition.value < options_.partitions);
  if (!sim_loop(loop).alive()) return;
  serve(partition, {from, bytes_max, &sim_loop(loop), std::move(done)});
}

void SimLog::serve(PartitionId partition, Fetch fetch) {
  self_.after(up_to(options_.answer_max), [this, partition, fetch = std::move(fetch)]() mutable {
    if (!fetch.loop->alive()) return;
    Partition& log = partitions_[partition.value];
    Result<std::vector<LogRecord>> result = std::vector<LogRecord>{};
    if (world_.random().chance(options_.fetch_unavailable)) {
      result = Error{Errc::unavailable, "simulated"};
    } else if (fetch.from.value < log.begin || fetch.from.value > log.end()) {
      result = Error{Errc::not_found, "offset " + std::to_string(fetch.from.value) + " is outside the log"};
    } else if (fetch.from.value == log.end()) {
      log.waiting.push_back(std::move(fetch));
      return;
    } else {
      std::size_t bytes = 0;
      for (auto i = static_cast<std::size_t>(fetch.from.value - log.begin); i < log.records.size(); ++i) {
        bytes += log.records[i].bytes.size();
        if (!result->empty() && (bytes > fetch.bytes_max || world_.random().chance(options_.fetch_short))) break;
        result->push_back(log.records[i]);
      }
    }
    fetch.loop->post([done = std::move(fetch.done), result = std::move(result)]() mutable { done(std::move(result)); });
  });
}

void SimLog::bounds(PartitionId partition, io::Loop& loop, Callback<void(Result<Bounds>)> done) {
  self_.after(up_to(options_.answer_max), [this, partition, &loop, done = std::move(done)]() mutable {
    const Partition& log = partitions_.at(partition.value);
    loop.post([done = std::move(done), bounds = Bounds{{log.begin}, {log.end()}}]() mutable { done(bounds); });
  });
}

void SimLog::trim(PartitionId partition, Offset before, io::Loop& loop, Callback<void(Status)> done) {
  self_.after(up_to(options_.answer_max), [this, partition, before, &loop, done = std::move(done)]() mutable {
    Partition& log = partitions_.at(partition.value);
    while (log.begin < before.value && !log.records.empty()) {
      log.records.pop_front();
      ++log.begin;
    }
    loop.post([done = std::move(done)]() mutable { done(base::ok()); });
  });
}

}  // namespace iris::log
