// The generator's clock: nanoseconds since an arbitrary moment. It measures the world, so it reads the real one.
#pragma once
#include <cstdint>
#include <ctime>

namespace iris::load {

using Nanos = std::int64_t;
inline constexpr Nanos kMicrosecond = 1'000, kMillisecond = 1'000'000, kSecond = 1'000'000'000;

inline Nanos now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}
inline Nanos from_seconds(double seconds) { return static_cast<Nanos>(seconds * 1e9); }
inline double to_seconds(Nanos time) { return static_cast<double>(time) / 1e9; }

}  // namespace iris::load
