// The embedded engine behind RocksLog, RocksStore and RocksCommitter: one RocksDB, one writer thread, some readers.
//
// What is asked for waits in one queue; the writer takes all that is there, writes it as one batch with one sync (group
// commit), and then answers, with one post per loop. So many clients share a sync, and a step's emissions, rows and
// state become durable together (rule S4).
//
// Disk full: below EngineOptions::free_bytes_min clients' appends are refused; steps and rows still go. After an error
// of the disk clients are answered at once (no_space or unavailable: nothing was appended; unknown_outcome: it was on
// its way when it happened), steps wait in their order, and the writer tries to recover until it succeeds.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/callback.h"
#include "base/result.h"
#include "io/loop.h"
#include "rocks/options.h"
#include "rocks/partition_log.h"
#include "rocks/rows.h"

namespace iris::rocks {

// Thread-safe. Owned by app/; destroyed when the loops that it answers have stopped, and before they end. Completions
// run on the loop named in the call, never inside the call; those outstanding when it is destroyed do not run.
class Engine {
 public:
  template <typename T>
  using Done = base::Callback<void(base::Result<T>)>;

  // Blocks until the database is open, without repair. Errors say what to do: another P, another format, in use.
  static base::Result<std::unique_ptr<Engine>> open(EngineOptions options);
  ~Engine();

  // As Log::append.
  void append(Append append, io::Loop& loop, Done<base::Offset> done);
  // All of it durable at once, or not yet: never refused, tried again until it is done. In the order of the calls from
  // one loop.
  void step(std::vector<Append> emissions, std::vector<RowWrite> rows, io::Loop& loop, base::Callback<void()> done);
  // As Store::write.
  void write(std::vector<RowWrite> rows, io::Loop& loop, Done<base::Unit> done);
  // As Log::trim.
  void trim(base::PartitionId partition, base::Offset before, io::Loop& loop, Done<base::Unit> done);

  void fetch(base::PartitionId partition, Fetch fetch);
  PartitionLog::Bounds bounds(base::PartitionId partition) const;
  void read(std::size_t table, std::string partition_key, std::string clustering, io::Loop& loop,
            Done<std::optional<FoundRow>> done);
  void scan(std::size_t table, std::string partition_key, RowRange range, io::Loop& loop, Done<FoundPage> done);
  void keys(std::size_t table, std::string after, std::size_t keys_max, io::Loop& loop,
            Done<std::vector<std::string>> done);

  const EngineOptions& options() const;

 private:
  struct State;
  explicit Engine(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace iris::rocks
