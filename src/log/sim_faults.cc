#include "log/sim_faults.h"

#include "base/check.h"

namespace iris::log {

void SimFaults::at(CrashPoint point, io::Loop& loop) {
  io::SimLoop& node = sim_loop(loop);
  if (!node.alive()) return;
  ++passed_[static_cast<std::size_t>(point)];
  if (decide_ && decide_(point, node)) ++crashed_[static_cast<std::size_t>(point)];
}

io::SimLoop& sim_loop(io::Loop& loop) {
  auto* const found = dynamic_cast<io::SimLoop*>(&loop);
  IRIS_CHECK(found != nullptr);
  return *found;
}

}  // namespace iris::log
