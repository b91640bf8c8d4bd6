// A durable, partitioned, ordered log of records. RocksLog (embedded), SimLog (simulation); Kafka comes with the
// cluster.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/callback.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "io/loop.h"

namespace iris::log {

using base::Callback;
using base::Offset;
using base::PartitionId;
using base::Result;
using base::Status;

struct LogRecord {
  Offset offset;
  base::WallTime append_time;  // the log's own clock; rule T1
  std::string bytes;
};

// Offsets [begin, end): what is there now. Records below begin were trimmed.
struct Bounds {
  Offset begin;
  Offset end;
};

// Thread-safe. Each call names the loop on which its completion runs; a completion never runs inside the call. After
// the destructor has begun, outstanding calls complete with Errc::closed or not at all.
//
// Order: appends to one partition made from one loop appear in the order of the calls. If one of them fails, all later
// ones that were already made to that partition from that loop fail too: the log has a prefix of what was asked, so
// that a caller who makes them again, in order, keeps its order (it may double records; sources drop doubles, rule S1).
class Log {
 public:
  virtual ~Log() = default;

  virtual std::uint32_t partitions() const = 0;

  // Completes with the record's offset when it is durable (rule L3): the only success (rule L1). Errors:
  //   overloaded       the bounded queue is full; nothing was appended
  //   no_space         the disk is full; nothing was appended
  //   unavailable      the disk or the broker fails; nothing was appended
  //   unknown_outcome  may be in the log or not; the caller must end what depended on it
  //   closed           shutting down; nothing was appended
  virtual void append(PartitionId partition, std::string record, io::Loop& loop,
                      Callback<void(Result<Offset>)> done) = 0;

  // Records from `from` on, in order, at least one, at most about bytes_max bytes: completes when one is durable, waits
  // as long as that takes. One fetch per partition at a time. Errors: not_found (`from` is trimmed or beyond the end +
  // 0: rule L5), closed, unavailable (try again).
  virtual void fetch(PartitionId partition, Offset from, std::size_t bytes_max, io::Loop& loop,
                     Callback<void(Result<std::vector<LogRecord>>)> done) = 0;

  virtual void bounds(PartitionId partition, io::Loop& loop, Callback<void(Result<Bounds>)> done) = 0;

  // Forgets records below `before`. The caller has made durable what they led to (rule L4).
  virtual void trim(PartitionId partition, Offset before, io::Loop& loop, Callback<void(Status)> done) = 0;
};

}  // namespace iris::log
