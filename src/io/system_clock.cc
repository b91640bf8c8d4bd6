#include "io/system_clock.h"

#include <ctime>

namespace iris::io {
namespace {

Duration read(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec / 1000);
}

class SystemClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime(read(CLOCK_REALTIME)); }
  SteadyTime steady() const override { return SteadyTime(read(CLOCK_MONOTONIC)); }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace iris::io
