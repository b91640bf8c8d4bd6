// Rule T1: a partition's position in time. Recomputed identically on replay, because it depends on the records alone.
#pragma once
#include <algorithm>

#include "base/ids.h"
#include "base/time.h"

namespace iris::shard {

class Stamper {
 public:
  explicit Stamper(base::Stamp last = {}) : last_(last) {}

  base::Stamp next(base::WallTime append_time, std::uint64_t appender_time) {
    auto appended = static_cast<std::uint64_t>(std::max<std::int64_t>(0, append_time.time_since_epoch().count()));
    last_ = base::Stamp{std::max(std::min(appended, appender_time), last_.value + 1)};
    return last_;
  }
  base::Stamp last() const { return last_; }

 private:
  base::Stamp last_;
};

}  // namespace iris::shard
