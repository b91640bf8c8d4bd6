// One seeded run: people chat while the node crashes, the log doubts, the store fails and the Bus loses, and then the
// promises are checked: nothing acknowledged is lost, per-sender order, no duplicate to a live session, archives
// complete.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "log/crash_point.h"

namespace iris::sim {

struct Plan {
  std::uint64_t seed = 1;
  unsigned users = 50;
  unsigned steps = 500;
};

struct Report {
  std::vector<std::string> violations;
  std::uint64_t messages = 0, acked = 0, deliveries = 0, copies = 0, lives = 0, events = 0, digest = 0, bus_dropped = 0,
                pages = 0, flips = 0, softs = 0, held = 0, blocks = 0, bounced = 0;
  std::array<std::uint64_t, log::kCrashPoints> passed{}, crashed{};
};

Report run(const Plan& plan);

}  // namespace iris::sim
