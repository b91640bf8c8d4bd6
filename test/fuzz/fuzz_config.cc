// An operator's configuration file, as wrong as it can be: it is taken, or told what is wrong with it, at a line that
// it has.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "app/config_file.h"
#include "app/config_live.h"
#include "base/check.h"

namespace {

using namespace iris::app;

void check_problems(const ConfigProblems& problems, std::string_view text) {
  const auto lines = 1 + static_cast<std::size_t>(std::ranges::count(text, '\n'));
  IRIS_CHECK(!problems.empty());
  for (const ConfigProblem& problem : problems) {
    IRIS_CHECK(!problem.text.empty());
    IRIS_CHECK(problem.line <= lines);
    IRIS_CHECK(problem.to_string().starts_with("/etc/iris.toml:"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_config(text, "/etc/iris.toml");
  if (const auto* problems = std::get_if<ConfigProblems>(&parsed)) {
    check_problems(*problems, text);
    return 0;
  }
  const Config& config = std::get<Config>(parsed);
  IRIS_CHECK(check_config(config).empty());
  // Taken while a server runs, nothing is left that could be taken.
  Config running;
  take_live(running, config);
  IRIS_CHECK(take_live(running, config).taken.empty());
  return 0;
}
