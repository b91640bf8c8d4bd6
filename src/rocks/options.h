// What a deployment may set of the embedded engine. Filled by app/ from the configuration; defaults are safe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/time.h"

namespace iris::rocks {

using namespace std::chrono_literals;

struct EngineOptions {
  std::string directory;          // made if need be; the database is in its subdirectory "db"
  std::uint32_t partitions = 64;  // P; fixed when the deployment is created (rule L2)

  std::size_t queue_bytes_max = 64u << 20;  // asked for by clients and not written: beyond it they are refused
  std::size_t group_bytes_max = 4u << 20;   // in one synced write: bounds what one op can wait for those before it
  std::size_t tail_bytes_max = 1u << 20;    // newest records of each partition kept in memory until they are fetched,
                                            // so that fetches that keep up never read the disk
  std::size_t reader_threads = 2;
  std::size_t reads_max = 16384;  // reads waiting for a thread; beyond it they are refused

  // Free disk space below which what clients send is refused with no_space, while what was accepted is still carried
  // out. What is under way then fits: the memtables still to be flushed and the whole write-ahead log.
  std::uint64_t free_bytes_min = 384u << 20;
  base::Duration free_check_interval = 100ms;
  base::Duration recovery_interval = 500ms;  // between attempts to get over an error of the disk

  std::size_t memtables_bytes_max = 128u << 20;  // of all tables together
  // After so long without a write, memtables that hold more than that are written out, to give their memory back.
  base::Duration quiet = 20s;
  std::size_t quiet_memtables_bytes = 2u << 20;
  std::size_t open_files_max = 512;          // tables kept open, which is a cache; not all descriptors are ours
  std::uint64_t wal_bytes_max = 192u << 20;  // what a start after a crash reads again at most: below 2 s
  std::size_t block_cache_bytes = 64u << 20;
  base::Duration tombstones_kept = 240h;  // deleted rows must outlive every write that can still be late

  // --- tests only ---
  std::shared_ptr<void> file_system;          // a rocksdb::FileSystem
  std::function<std::uint64_t()> free_bytes;  // instead of asking the file system
  bool ack_before_sync = false;               // breaks rule L3, to show that the power-loss test would see it
};

}  // namespace iris::rocks
