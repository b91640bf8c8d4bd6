// Where the simulation crashes nodes, and how often it passed each place. One per run, shared by SimLog, SimStore and
// the nodes' OrderedCommitters; it outlives them.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <utility>

#include "io/sim_loop.h"
#include "log/crash_point.h"

namespace iris::log {

class SimFaults {
 public:
  // Decides whether the node of that loop crashes here; if so, it has killed the node's loops when it returns true.
  using Decide = std::function<bool(CrashPoint, io::SimLoop&)>;

  void decide_by(Decide decide) { decide_ = std::move(decide); }

  void at(CrashPoint point, io::Loop& loop);
  CrashHook hook() {
    return [this](CrashPoint point, io::Loop& loop) { at(point, loop); };
  }

  std::uint64_t passed(CrashPoint point) const { return passed_[static_cast<std::size_t>(point)]; }
  std::uint64_t crashed(CrashPoint point) const { return crashed_[static_cast<std::size_t>(point)]; }

 private:
  Decide decide_;
  std::array<std::uint64_t, kCrashPoints> passed_{};
  std::array<std::uint64_t, kCrashPoints> crashed_{};
};

// In a simulated world every loop is a SimLoop.
io::SimLoop& sim_loop(io::Loop& loop);

}  // namespace iris::log
