// When each event of an open loop is due: at a fixed rate, whatever the server does. What is measured is measured from
// this moment, so a server that holds everything up cannot hide it by slowing down the one who measures.
#pragma once
#include <cstdint>

#include "base/check.h"
#include "load/clock.h"

namespace iris::load {

class Schedule {
 public:
  Schedule(Nanos start, double per_second) : start_(start), per_second_(per_second) { IRIS_CHECK(per_second > 0); }

  // When event `number` (from 0) is due. Computed from the start: errors do not add up.
  Nanos due(std::uint64_t number) const {
    return start_ + static_cast<Nanos>(static_cast<double>(number) / per_second_ * 1e9);
  }
  // The moment of the next event if it is due by now, and goes on to the one after it; else -1.
  Nanos take(Nanos time) {
    const Nanos moment = next();
    if (moment > time) return -1;
    ++taken_;
    return moment;
  }
  Nanos next() const { return due(taken_); }
  std::uint64_t taken() const { return taken_; }

 private:
  Nanos start_;
  double per_second_;
  std::uint64_t taken_ = 0;
};

}  // namespace iris::load
