// Reads iris.toml. All that is wrong with it is told at once, each with file, line and what is allowed.
#pragma once
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config.h"

namespace iris::app {

struct ConfigProblem {
  std::string file;
  unsigned line{};  // 0: the file as a whole
  std::string text;
  std::string to_string() const;  // "iris.toml:12: …"
};
using ConfigProblems = std::vector<ConfigProblem>;

std::variant<Config, ConfigProblems> load_config(const std::string& path);
// The same from a text; `path` is for messages and relative paths.
std::variant<Config, ConfigProblems> parse_config(std::string_view text, const std::string& path);

// A combination of values that no single key can check.
struct ConfigConflict {
  std::string key;  // that is best changed
  std::string text;
};
std::vector<ConfigConflict> check_config(const Config& config);

// What is allowed and hardly meant.
std::vector<std::string> config_warnings(const Config& config);

}  // namespace iris::app
