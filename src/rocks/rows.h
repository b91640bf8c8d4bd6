// What the engine reads and writes: records of the log, rows of tables.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace iris::rocks {

struct Append {
  base::PartitionId partition;
  std::string bytes;
};

struct LoggedRecord {
  base::Offset offset;
  base::WallTime time;
  std::string bytes;
};

struct TableSpec {
  const char* name;   // of its column family, for ever
  bool written_once;  // no row is compared with what was there before: saves a read per write
  bool compressed;    // text that is seldom read
};
// In the order of store::Table.
inline constexpr std::array<TableSpec, 6> kTables{{{"state", false, false},
                                                   {"archive", true, true},
                                                   {"cursor", false, false},
                                                   {"checkpoint", false, false},
                                                   {"parking", false, true},
                                                   {"meta", false, false}}};

struct RowWrite {
  std::size_t table;  // index into kTables
  std::string partition_key;
  std::string clustering;
  std::optional<std::string> value;  // nullopt: delete
  base::Stamp stamp;
  std::optional<std::string> until{};  // deletes [clustering, until) of a table whose rows are written once
  // No write to this row that was ever made has a higher stamp, nor will one that is on its way: nobody looks for one.
  // Of one row all writes say so, or none does.
  bool is_newest = false;
};

struct FoundRow {
  std::string clustering;
  std::string value;
  base::Stamp stamp;
};

struct FoundPage {
  std::vector<FoundRow> rows;
  bool more = false;
};

struct RowRange {
  std::string from;
  std::optional<std::string> to;
  bool reverse = false;
  std::size_t rows_max = 1000;
};

}  // namespace iris::rocks
