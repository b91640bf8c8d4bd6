// The one file that knows RocksDB. Lays out log and tables in one database, so that one write of both is atomic:
//
//   family      key                                            value
//   default     "format" | "partitions"                        decimal text, checked at every start (rule L2)
//   default     "begin/" partition:4                           offset:8   records below it are trimmed
//   log         partition:4 offset:8                           time in µs:8, record
//   each table  length:2 partition key, clustering key         stamp:8 flags:1 value
//
// Numbers are big-endian. Flag 1: the row is deleted, and stays as a tombstone until it is `tombstones_kept` old, so
// that a late write with a lower stamp finds it. In tables whose rows are written once, deletion is RocksDB's own, also
// of a range.
//
// Owned by Engine. One thread at a time stages and commits; any thread reads. All calls block.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rocks/options.h"
#include "rocks/rows.h"

namespace iris::rocks {

class Database {
 public:
  static base::Result<std::unique_ptr<Database>> open(const EngineOptions& options);
  ~Database();

  // --- the group being staged ---
  void stage_record(base::PartitionId partition, base::Offset offset, base::WallTime time, std::string_view bytes);
  // Reads the row that is there; an error means that the group cannot be committed.
  base::Status stage_row(const RowWrite& write);
  void stage_trim(base::PartitionId partition, base::Offset begin);
  // Writes all that was staged, atomically, and syncs. An error: it may be in the database or not; nothing more can be
  // committed until recover() succeeds.
  base::Status commit();
  void discard();
  bool staged() const;

  // Nothing is staged, and nobody writes: forgets what only makes writing quicker, and begins to write out the
  // memtables if they hold more than so much, without waiting for it.
  void give_back_memory(std::size_t memtables_bytes);

  // After an error. Not until then is it known what of the failed group is in the database. Error: try again.
  base::Status recover();

  // --- reads ---
  base::Result<base::Offset> begin_of(base::PartitionId partition);
  base::Result<base::Offset> end_of(base::PartitionId partition);
  base::Result<std::vector<LoggedRecord>> records(base::PartitionId partition, base::Offset from, base::Offset end,
                                                  std::size_t bytes_max);
  base::Result<std::optional<FoundRow>> row(std::size_t table, std::string_view partition_key,
                                            std::string_view clustering);
  base::Result<FoundPage> scan(std::size_t table, std::string_view partition_key, const RowRange& range);
  // In the database's order: by length, then bytes.
  base::Result<std::vector<std::string>> keys(std::size_t table, std::string_view after, std::size_t keys_max);

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iris::rocks
