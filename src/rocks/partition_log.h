// One partition's log as it is in memory: its bounds, the newest of the records that were not yet fetched, and the
// fetch that waits for the next one.
#pragma once
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "base/callback.h"
#include "base/ids.h"
#include "base/result.h"
#include "io/loop.h"
#include "rocks/rows.h"

namespace iris::rocks {

using FetchDone = base::Callback<void(base::Result<std::vector<LoggedRecord>>)>;

struct Fetch {
  base::Offset from{};
  std::size_t bytes_max = 0;
  io::Loop* loop = nullptr;
  FetchDone done;
};

// Thread-safe. Holds durable records only. The writer alone moves the bounds.
class PartitionLog {
 public:
  void open(base::Offset begin, base::Offset end);  // forgets the tail; a waiting fetch stays

  struct Bounds {
    base::Offset begin;
    base::Offset end;
  };
  Bounds bounds() const;
  void set_begin(base::Offset begin);

  // Records that have become durable, in order, right behind the end. Returns the fetch that waited, if any.
  std::optional<Fetch> add(std::vector<LoggedRecord> records, std::size_t tail_bytes_max);

  enum class Where {
    outside,  // trimmed, or beyond the end
    waiting,  // at the end: kept until something is added; a second one is our mistake
    memory,   // `out` is filled
    disk,     // not in the tail: older, or fetched before
  };
  // Takes `fetch` only when it waits. What is before it has been read by who fetches, and leaves the memory, as does
  // what it is given.
  Where look(Fetch& fetch, std::vector<LoggedRecord>& out);
  std::optional<Fetch> take_waiting();

 private:
  LoggedRecord take_oldest();

  mutable std::mutex mutex_;
  base::Offset begin_{};
  base::Offset end_{};
  std::deque<LoggedRecord> tail_;  // empty, or up to the end
  std::size_t tail_bytes_ = 0;
  std::optional<Fetch> waiting_;
};

}  // namespace iris::rocks
