// What a running server takes over from its configuration file when it is told to (SIGHUP), and what waits for a
// restart.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"

namespace iris::app {

enum class Takes {
  never,        // the data is made with the value: with another one the next start is refused
  restart,      // a new value is seen at the next start
  connections,  // on reload, for connections made from then on
  reload,       // on reload, at once
};

std::vector<std::string_view> live_keys();
Takes takes_effect(std::string_view key);
std::string_view to_string(Takes takes);  // for docs/configuration.md

struct ConfigChanges {
  std::vector<std::string> taken;    // names of keys
  std::vector<std::string> waiting;  // that differ and wait for a restart
};
// Takes from `fresh` what can change live.
ConfigChanges take_live(Config& running, const Config& fresh);

}  // namespace iris::app
