// Tables of rows: (partition key, clustering key) -> value, each written with a stamp. RocksStore (embedded), SimStore
// (simulation); Cassandra comes with the cluster, so nothing is here that CQL cannot do with prepared statements.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/callback.h"
#include "base/ids.h"
#include "base/result.h"
#include "io/loop.h"

namespace iris::store {

using base::Callback;
using base::Result;
using base::Stamp;
using base::Status;

// Partition key in brackets. Only the entity's shard writes its rows (rule D1).
enum class Table : std::uint8_t {
  state,       // [bare JID] all that apply reads of an entity, with its applied stamp (rule S5)
  archive,     // [bare JID] clustering key: stamp, 8 bytes big-endian. Each row is written once, then at most deleted
  cursor,      // [bare JID] offline position; never read by apply; its write stamp is the cursor itself
  checkpoint,  // [partition, 4 bytes big-endian] (rule T2)
  parking,     // [bare JID] poison records (rule S6)
  meta,        // [name] facts of the deployment: P, format version
};
inline constexpr std::size_t kTables = 6;

struct Row {
  std::string clustering;
  std::string value;
  Stamp stamp;
};

// A write with a lower stamp than the row has never changes it; at equal stamps a deletion wins, else the later write.
// With `until` it deletes all rows of [clustering, until) whose stamp is not higher; of the archive alone, whose rows
// can be many and need not be known. What was written before it in the same write goes too, what comes after it stays.
struct Write {
  Table table;
  std::string partition_key;
  std::string clustering;
  std::optional<std::string> value;  // nullopt: delete
  Stamp stamp;
  std::optional<std::string> until{};  // exclusive; only without a value
};

struct Range {
  std::string from;               // inclusive
  std::optional<std::string> to;  // exclusive; nullopt: to the end
  bool reverse = false;           // newest first: from the end of the range
  std::size_t rows_max = 1000;
};

struct Page {
  std::vector<Row> rows;
  bool more = false;  // there are rows in the range after (reverse: before) the last one
};

// Thread-safe. Completions run on the loop named in the call, never inside the call.
class Store {
 public:
  virtual ~Store() = default;
  virtual void read(Table table, std::string partition_key, std::string clustering, io::Loop& loop,
                    Callback<void(Result<std::optional<Row>>)> done) = 0;
  virtual void scan(Table table, std::string partition_key, Range range, io::Loop& loop,
                    Callback<void(Result<Page>)> done) = 0;
  // Writes of one table and one partition key are atomic; across keys nothing is promised. Completes when durable.
  // Errors: unknown_outcome, unavailable, no_space: the caller makes the same write again (it is idempotent).
  virtual void write(std::vector<Write> writes, io::Loop& loop, Callback<void(Status)> done) = 0;
  // Partition keys of a table in the store's own order, after `after` (empty: from the start). For operators' lists.
  virtual void keys(Table table, std::string after, std::size_t keys_max, io::Loop& loop,
                    Callback<void(Result<std::vector<std::string>>)> done) = 0;
};

}  // namespace iris::store
