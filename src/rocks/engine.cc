#include "rocks/engine.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/metrics.h"
#include "io/system_clock.h"
#include "io/worker.h"
#include "rocks/database.h"
#include "rocks/writer.h"

namespace iris::rocks {
namespace {

using base::Errc;
using base::Error;
using base::Offset;
using base::PartitionId;
using base::Result;

enum class Read { log, row, scan, keys };
base::Histogram kReadTime{"iris_store_read_seconds",
                          "Reads of the embedded database, waiting for a thread included.",
                          {{"kind", {"log", "row", "scan", "keys"}}}};
// Of the process, not of one engine: a second one is refused only after it was made.
base::Gauge kReadsWaiting{"iris_store_queue_reads", "Reads waiting for a thread."};
base::Counter kReadsRefused{"iris_store_reads_refused_total", "Reads refused because too many were waiting."};

}  // namespace

struct Engine::State {
  explicit State(EngineOptions o)
      : options(std::move(o)),
        readers({.name = "db-read", .threads = options.reader_threads, .queue_max = options.reads_max}),
        logs(options.partitions) {}

  // Runs `look` on a reader's thread, and `done` with its result on the loop.
  template <typename T, typename Look>
  void read(Read kind, io::Loop& loop, Done<T> done, Look look) {
    auto shared = std::make_shared<Done<T>>(std::move(done));
    const auto asked = io::system_clock().steady();
    kReadsWaiting.add(1);
    const bool taken = readers.try_post([kind, asked, &loop, shared, look = std::move(look)]() mutable {
      kReadsWaiting.add(-1);
      Result<T> result = look();
      kReadTime.observe(io::system_clock().steady() - asked, kind);
      loop.post([shared = std::move(shared), result = std::move(result)]() mutable { (*shared)(std::move(result)); });
    });
    if (taken) return;
    kReadsWaiting.add(-1);
    kReadsRefused.add(1);
    loop.post([shared] { (*shared)(Error{Errc::unavailable, "too many reads are waiting"}); });
  }

  void serve(PartitionId partition, Fetch fetch);
  void read_log(PartitionId partition, Fetch fetch);

  const EngineOptions options;
  std::unique_ptr<Database> database;
  io::Worker readers;
  std::vector<PartitionLog> logs;
  std::unique_ptr<Writer> writer;  // ends first
};

Engine::Engine(std::shared_ptr<State> state) : state_(std::move(state)) {}

Engine::~Engine() {
  state_->writer.reset();
  state_->readers.stop();
}

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options) {
  IRIS_CHECK(options.partitions > 0);
  auto state = std::make_shared<State>(std::move(options));
  auto database = Database::open(state->options);
  if (!database.ok()) return database.error();
  state->database = std::move(*database);
  for (std::uint32_t i = 0; i < state->options.partitions; ++i) {
    const auto begin = state->database->begin_of({i});
    if (!begin.ok()) return begin.error();
    const auto end = state->database->end_of({i});
    if (!end.ok()) return end.error();
    state->logs[i].open(*begin, *end);
  }
  State* const s = state.get();
  state->writer =
      std::make_unique<Writer>(state->options, *state->database, state->logs,
                               [s](PartitionId partition, Fetch fetch) { s->serve(partition, std::move(fetch)); });
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

void Engine::append(Append append, io::Loop& loop, Done<Offset> done) {
  IRIS_CHECK(append.partition.value < state_->options.partitions);
  Operation operation{.kind = Operation::Kind::append, .loop = &loop, .done = std::move(done)};
  operation.appends.push_back(std::move(append));
  state_->writer->submit(std::move(operation));
}

void Engine::step(std::vector<Append> emissions, std::vector<RowWrite> rows, io::Loop& loop,
                  base::Callback<void()> done) {
  for (const Append& emission : emissions) IRIS_CHECK(emission.partition.value < state_->options.partitions);
  Operation operation{
      .kind = Operation::Kind::step, .appends = std::move(emissions), .rows = std::move(rows), .loop = &loop};
  operation.done = [done = std::move(done)](const Result<Offset>&) mutable { done(); };
  state_->writer->submit(std::move(operation));
}

void Engine::write(std::vector<RowWrite> rows, io::Loop& loop, Done<base::Unit> done) {
  Operation operation{.kind = Operation::Kind::write, .rows = std::move(rows), .loop = &loop};
  operation.done = [done = std::move(done)](Result<Offset> result) mutable {
    done(result.ok() ? base::ok() : base::Status(result.error()));
  };
  state_->writer->submit(std::move(operation));
}

void Engine::trim(PartitionId partition, Offset before, io::Loop& loop, Done<base::Unit> done) {
  IRIS_CHECK(partition.value < state_->options.partitions);
  Operation operation{.kind = Operation::Kind::trim, .trim = {partition, before}, .loop = &loop};
  operation.done = [done = std::move(done)](Result<Offset> result) mutable {
    done(result.ok() ? base::ok() : base::Status(result.error()));
  };
  state_->writer->submit(std::move(operation));
}

void Engine::fetch(PartitionId partition, Fetch fetch) {
  IRIS_CHECK(partition.value < state_->options.partitions);
  state_->serve(partition, std::move(fetch));
}

void Engine::State::serve(PartitionId partition, Fetch fetch) {
  std::vector<LoggedRecord> found;
  switch (logs[partition.value].look(fetch, found)) {
    case PartitionLog::Where::waiting: return;
    case PartitionLog::Where::disk: return read_log(partition, std::move(fetch));
    case PartitionLog::Where::memory:
      fetch.loop->post([done = std::move(fetch.done), found = std::move(found)]() mutable { done(std::move(found)); });
      return;
    case PartitionLog::Where::outside:
      fetch.loop->post([done = std::move(fetch.done)]() mutable {
        done(Error{Errc::not_found, "the log does not hold that offset: it was trimmed, or is beyond the end"});
      });
      return;
  }
}

void Engine::State::read_log(PartitionId partition, Fetch fetch) {
  read<std::vector<LoggedRecord>>(
      Read::log, *fetch.loop, std::move(fetch.done), [this, partition, from = fetch.from, bytes_max = fetch.bytes_max] {
        auto found = database->records(partition, from, logs[partition.value].bounds().end, bytes_max);
        if (found.ok() && found->empty())  // deleted since it was looked for
          found = Error{Errc::not_found, "the log does not hold that offset: it was trimmed"};
        return found;
      });
}

PartitionLog::Bounds Engine::bounds(PartitionId partition) const { return state_->logs.at(partition.value).bounds(); }

void Engine::read(std::size_t table, std::string partition_key, std::string clustering, io::Loop& loop,
                  Done<std::optional<FoundRow>> done) {
  state_->read<std::optional<FoundRow>>(
      Read::row, loop, std::move(done),
      [database = state_->database.get(), table, key = std::move(partition_key), clustering = std::move(clustering)] {
        return database->row(table, key, clustering);
      });
}

void Engine::scan(std::size_t table, std::string partition_key, RowRange range, io::Loop& loop, Done<FoundPage> done) {
  state_->read<FoundPage>(Read::scan, loop, std::move(done),
                          [database = state_->database.get(), table, key = std::move(partition_key),
                           range = std::move(range)] { return database->scan(table, key, range); });
}

void Engine::keys(std::size_t table, std::string after, std::size_t keys_max, io::Loop& loop,
                  Done<std::vector<std::string>> done) {
  state_->read<std::vector<std::string>>(Read::keys, loop, std::move(done),
                                         [database = state_->database.get(), table, after = std::move(after),
                                          keys_max] { return database->keys(table, after, keys_max); });
}

const EngineOptions& Engine::options() const { return state_->options; }

}  // namespace iris::rocks
