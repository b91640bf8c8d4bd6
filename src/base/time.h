// Units of time. Which clock a value was read from is said by its type.
#pragma once
#include <chrono>
#include <cstdint>

namespace iris::base {

using Duration = std::chrono::microseconds;
struct WallTag {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = Duration;
  static constexpr bool is_steady = false;
};
struct SteadyTag {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = Duration;
  static constexpr bool is_steady = true;
};
using WallTime = std::chrono::time_point<WallTag, Duration>;      // since 1970-01-01 UTC
using SteadyTime = std::chrono::time_point<SteadyTag, Duration>;  // since an arbitrary moment; never goes back

}  // namespace iris::base
