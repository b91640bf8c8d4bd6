#include "rocks/writer.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "io/system_clock.h"

namespace iris::rocks {
namespace {

using base::Errc;
using base::Error;
using base::Offset;
using base::PartitionId;
using Kind = Operation::Kind;

base::Histogram kWriteTime{"iris_log_append_seconds",
                           "From the asking until it is durable, by what was asked for.",
                           {{"kind", {"append", "step", "write", "trim"}}}};
base::Histogram kGroup{"iris_log_group_operations", "Operations that shared one sync.", {}, base::kSizeBuckets};
base::Histogram kGroupBytes{"iris_log_group_bytes", "Size of one synced write.", {}, base::kBytesBuckets};
base::Histogram kSync{"iris_log_sync_seconds", "One write of a group, with its sync."};
base::Counter kRefused{"iris_log_refused_total",
                       "Operations not carried out, by reason.",
                       {{"reason", {"queue_full", "no_space", "disk_error", "behind_a_failure", "unknown_outcome"}}}};
enum class Refused { queue_full, no_space, disk_error, behind_a_failure, unknown_outcome };
base::Counter kErrors{"iris_log_disk_errors_total", "Writes of a group that failed."};

std::size_t bytes_of(const Operation& operation) {
  std::size_t bytes = 64;
  for (const Append& append : operation.appends) bytes += append.bytes.size() + 32;
  for (const RowWrite& row : operation.rows)
    bytes += row.partition_key.size() + row.clustering.size() + (row.value ? row.value->size() : 0) +
             (row.until ? row.until->size() : 0) + 32;
  return bytes;
}

}  // namespace

Writer::Writer(const EngineOptions& options, Database& database, std::vector<PartitionLog>& logs,
               std::function<void(PartitionId, Fetch)> serve)
    : options_(options),
      database_(database),
      logs_(logs),
      serve_(std::move(serve)),
      ends_(options.partitions),
      depth_("iris_log_queue_operations", "Operations waiting for the writer.",
             [this] {
               std::lock_guard lock(mutex_);
               return static_cast<double>(queue_.size());
             }),
      thread_("db-write", [this] { run(); }) {}

Writer::~Writer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Writer::submit(Operation operation) {
  operation.bytes = bytes_of(operation);
  operation.asked = io::system_clock().steady();
  if (operation.kind == Kind::append) {
    std::lock_guard lock(fence_->mutex);
    operation.ticket = fence_->fence.enter(*operation.loop, operation.appends.front().partition);
  }
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    if (operation.kind == Kind::step || queue_bytes_ + operation.bytes <= options_.queue_bytes_max) {
      queue_bytes_ += operation.bytes;
      const bool first = queue_.empty();
      queue_.push_back(std::move(operation));
      if (first) wake_.notify_one();
      return;
    }
  }
  kRefused.add(1, Refused::queue_full);
  Answers answers(fence_);
  const Errc code = operation.kind == Kind::append ? Errc::overloaded : Errc::unavailable;
  refuse(operation, {code, "too much is waiting to be written"});
  Error error = *operation.refused;
  answers.add(std::move(operation), std::move(error));
  answers.post();
}

void Writer::run() {
  for (;;) {
    Group group = next_group();
    bool stopping;
    {
      std::lock_guard lock(mutex_);
      stopping = stopping_;
    }
    if (!group.empty()) write(std::move(group));
    if (stopping) return;
  }
}

// Everything that waits, up to a limit; while the disk fails, also wakes up to try again. When all has been quiet for a
// while, the memtables are written out.
Writer::Group Writer::next_group() {
  Group group = std::exchange(held_, {});
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return stopping_ || !queue_.empty(); };
  if (broken_) {
    wake_.wait_for(lock, options_.recovery_interval, ready);
  } else if (group.empty() && !wake_.wait_for(lock, options_.quiet, ready)) {
    lock.unlock();
    database_.give_back_memory(options_.quiet_memtables_bytes);
    lock.lock();
    wake_.wait(lock, ready);
  }
  std::size_t bytes = 0;
  while (!queue_.empty() && bytes < options_.group_bytes_max) {
    bytes += queue_.front().bytes;
    queue_bytes_ -= queue_.front().bytes;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void Writer::write(Group group) {
  Answers answers(fence_);
  if (broken_ && !try_to_recover()) {
    fail(std::move(group), *broken_, false, answers);
    answers.post();
    return;
  }
  time_ = io::system_clock().wall();
  std::size_t bytes = 0;
  std::optional<Error> unreadable;
  std::map<PartitionId, Offset> begins;  // as trimmed so far by this group
  for (Operation& operation : group) {
    if (operation.kind == Kind::append) stage_append(operation);
    for (const RowWrite& row : operation.rows) {
      if (auto status = database_.stage_row(row); !status.ok()) unreadable = status.error();
    }
    if (operation.kind == Kind::step) {
      for (Append& append : operation.appends) {
        database_.stage_record(append.partition, end_of(append.partition), time_, append.bytes);
        ++end_of(append.partition).value;
      }
    }
    if (operation.kind == Kind::trim) {
      auto& [partition, before] = operation.trim;
      const auto bounds = logs_[partition.value].bounds();
      Offset& begin = begins.try_emplace(partition, bounds.begin).first->second;
      before = std::clamp(before, begin, bounds.end);
      if (before > begin) database_.stage_trim(partition, before);
      begin = before;
    }
    if (!operation.refused) bytes += operation.bytes;
  }
  if (unreadable) {
    database_.discard();
    fail(std::move(group), *unreadable, false, answers);
  } else if (database_.staged()) {
    const auto start = io::system_clock().steady();
    const base::Status status = database_.commit();
    kSync.observe(io::system_clock().steady() - start);
    kGroup.observe_plain(static_cast<std::int64_t>(group.size()));
    kGroupBytes.observe_plain(static_cast<std::int64_t>(bytes));
    if (status.ok()) {
      succeed(std::move(group), answers);
    } else {
      fail(std::move(group), status.error(), true, answers);
    }
  } else {
    succeed(std::move(group), answers);  // rows that were older than what is there
  }
  answers.post();
}

void Writer::stage_append(Operation& operation) {
  std::optional<Errc> failed;
  {
    std::lock_guard lock(fence_->mutex);
    failed = fence_->fence.failed(operation.ticket);
  }
  if (failed) {
    kRefused.add(1, Refused::behind_a_failure);
    return refuse(operation, {*failed, "an append before it failed"});
  }
  if (space_is_low()) {
    kRefused.add(1, Refused::no_space);
    return refuse(operation, {Errc::no_space, "the disk is nearly full"});
  }
  const Append& append = operation.appends.front();
  operation.offset = end_of(append.partition);
  ++end_of(append.partition).value;
  database_.stage_record(append.partition, operation.offset, time_, append.bytes);
}

Offset& Writer::end_of(PartitionId partition) {
  auto& end = ends_[partition.value];
  if (!end) {
    end = logs_[partition.value].bounds().end;
    touched_.push_back(partition);
  }
  return *end;
}

// It will be answered with this error; what is behind it in its lane is to fail from now on.
void Writer::refuse(Operation& operation, Error error) {
  if (operation.kind == Kind::append) {
    std::lock_guard lock(fence_->mutex);
    fence_->fence.fail(operation.ticket, error.code);
  }
  operation.refused = std::move(error);
}

void Writer::succeed(Group group, Answers& answers) {
  const auto now = io::system_clock().steady();
  std::vector<std::vector<LoggedRecord>> records(touched_.empty() ? 0 : options_.partitions);
  for (Operation& operation : group) {
    if (operation.refused) {
      Error error = *operation.refused;
      answers.add(std::move(operation), std::move(error));
      continue;
    }
    for (Append& append : operation.appends) {
      const std::size_t partition = append.partition.value;
      const Offset offset{logs_[partition].bounds().end.value + static_cast<std::int64_t>(records[partition].size())};
      records[partition].push_back({offset, time_, std::move(append.bytes)});
    }
    if (operation.kind == Kind::trim) logs_[operation.trim.first.value].set_begin(operation.trim.second);
    kWriteTime.observe(now - operation.asked, operation.kind);
    const Offset offset = operation.offset;
    answers.add(std::move(operation), offset);
  }
  std::vector<std::pair<PartitionId, Fetch>> waited;
  for (const PartitionId partition : std::exchange(touched_, {})) {
    ends_[partition.value].reset();
    if (auto fetch = logs_[partition.value].add(std::move(records[partition.value]), options_.tail_bytes_max))
      waited.emplace_back(partition, *std::move(fetch));
  }
  answers.post();  // who asked hears first: an ack before a delivery
  for (auto& [partition, fetch] : waited) serve_(partition, std::move(fetch));
}

// reached_disk: some of it may be there, or come to be there by the recovery.
void Writer::fail(Group group, const Error& error, bool reached_disk, Answers& answers) {
  for (const PartitionId partition : std::exchange(touched_, {})) ends_[partition.value].reset();
  if (!broken_) {
    kErrors.add(1);
    base::log(base::Level::error, "the disk fails; accepted work waits, new work is refused",
              {{"error", error.message}});
    next_recovery_ = io::system_clock().steady() + options_.recovery_interval;
  }
  broken_ = error;
  for (Operation& operation : group) {
    if (operation.kind == Kind::step) {
      held_.push_back(std::move(operation));
      continue;
    }
    if (operation.refused) {
      Error refused = *operation.refused;
      answers.add(std::move(operation), std::move(refused));
      continue;
    }
    Error answer = error;
    if (reached_disk) answer.code = Errc::unknown_outcome;
    if (answer.code != Errc::no_space && answer.code != Errc::unknown_outcome) answer.code = Errc::unavailable;
    kRefused.add(1, reached_disk ? Refused::unknown_outcome : Refused::disk_error);
    refuse(operation, answer);
    answers.add(std::move(operation), std::move(answer));
  }
}

bool Writer::try_to_recover() {
  const auto now = io::system_clock().steady();
  if (now < next_recovery_) return false;
  next_recovery_ = now + options_.recovery_interval;
  if (auto status = database_.recover(); !status.ok()) {
    broken_ = status.error();
    return false;
  }
  // An append whose outcome was unknown may have come to be in the log.
  for (std::uint32_t i = 0; i < options_.partitions; ++i) {
    const auto begin = database_.begin_of({i});
    const auto end = database_.end_of({i});
    if (!begin.ok() || !end.ok()) return false;
    const auto known = logs_[i].bounds();
    if (known.begin == *begin && known.end == *end) continue;
    if (*end < known.end) {
      broken_ =
          Error{Errc::corrupt, "the disk has lost records of the log that were durable: restore it, then restart"};
      return false;
    }
    logs_[i].open(*begin, *end);
    if (auto fetch = logs_[i].take_waiting()) serve_({i}, *std::move(fetch));
  }
  base::log(base::Level::info, "the disk works again");
  broken_.reset();
  return true;
}

bool Writer::space_is_low() {
  const auto now = io::system_clock().steady();
  if (now - space_checked_ < options_.free_check_interval && space_checked_ != base::SteadyTime{}) return space_low_;
  space_checked_ = now;
  std::uint64_t free = std::numeric_limits<std::uint64_t>::max();
  if (options_.free_bytes) {
    free = options_.free_bytes();
  } else if (struct statvfs of{}; statvfs(options_.directory.c_str(), &of) == 0) {
    free = std::uint64_t{of.f_bavail} * of.f_frsize;
  }
  const bool low = free < options_.free_bytes_min;
  if (low != space_low_) {
    base::log(low ? base::Level::error : base::Level::info,
              low ? "the disk is nearly full: new work is refused" : "the disk has room again",
              {{"free_bytes", free}, {"free_bytes_min", options_.free_bytes_min}});
  }
  space_low_ = low;
  return low;
}

}  // namespace iris::rocks
