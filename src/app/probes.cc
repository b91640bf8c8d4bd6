#include "app/probes.h"

#include <optional>
#include <string>

namespace iris::app {

std::vector<admin::Probe> make_probes(const std::atomic<bool>& ready, const std::atomic<bool>& stopping,
                                      const std::vector<std::unique_ptr<Place>>& places) {
  using Wrong = std::optional<std::string>;
  const auto started = [&ready]() -> Wrong {
    if (ready) return std::nullopt;
    return "partitions are being taken over";
  };
  const auto staying = [&stopping]() -> Wrong {
    if (!stopping) return std::nullopt;
    return "shutting down";
  };
  const auto served = [&places]() -> Wrong {
    std::size_t stopped = 0;
    for (const auto& place : places) stopped += place->counts().stopped;
    if (stopped == 0) return std::nullopt;
    return std::to_string(stopped) + " partitions have stopped, see the log";
  };
  return {{"start", started}, {"stop", staying}, {"partitions", served}};
}

}  // namespace iris::app
