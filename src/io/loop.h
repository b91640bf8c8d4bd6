// The doors to the world: an event loop with its clock, timers and chance. `EpollLoop` is the real one, `SimLoop` the
// simulated one. Nothing outside io/ reads a clock, sleeps, starts a thread or rolls dice.
#pragma once
#include <cstdint>

#include "base/callback.h"
#include "base/time.h"

namespace iris::io {

using base::Callback;
using base::Duration;
using base::SteadyTime;
using base::WallTime;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual SteadyTime steady() const = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  // Unpredictable in the real implementation (from OpenSSL's generator), replayed from the seed in simulation.
  virtual std::uint64_t next() = 0;
};

struct TimerId {
  std::uint64_t value{};  // 0: no timer
};

// One thread runs a loop; all that lives on a loop is touched on that thread only. A call posted or timed runs on the
// loop's thread, never inside post() or after(). A call must not block and must not throw.
class Loop {
 public:
  virtual ~Loop() = default;
  // From any thread. Calls posted from one thread run in the order of posting.
  virtual void post(Callback<void()> call) = 0;
  // On the loop's thread only (before run() also from the thread that builds the loop).
  virtual TimerId after(Duration delay, Callback<void()> call) = 0;
  // Forgets a timer; harmless for one that has run, was cancelled, or is {0}. Loop's thread only.
  virtual void cancel(TimerId timer) = 0;
  virtual Clock& clock() = 0;
  virtual Random& random() = 0;
  virtual bool on_this_thread() const = 0;
};

}  // namespace iris::io
