// An HdrHistogram of times, in nanoseconds: three significant digits from a nanosecond to ten minutes, whatever was
// recorded, at the same small cost.
#pragma once
#include <cstdint>
#include <memory>

#include "load/clock.h"

struct iris_histogram;

namespace iris::load {

inline constexpr Nanos kHistogramMax = 600 * kSecond;  // what took longer counts as this

class Histogram {
 public:
  Histogram();
  void record(Nanos time);  // negative: 1
  void add(const Histogram& other);
  void reset();
  std::uint64_t count() const;
  // 0 while nothing was recorded.
  Nanos min() const;
  Nanos max() const;
  double mean() const;
  Nanos percentile(double percent) const;  // 99.9

 private:
  struct Free {
    void operator()(iris_histogram* histogram) const;
  };
  std::unique_ptr<iris_histogram, Free> histogram_;
};

}  // namespace iris::load
