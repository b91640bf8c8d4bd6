#include "app/irisctl_output.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace iris::app {

using Json = nlohmann::ordered_json;

int fail(const IrisctlCommand& command, const base::Error& error) {
  if (command.json)
    std::cout << Json{{"ok", false}, {"code", base::to_string(error.code)}, {"error", error.message}}.dump() << "\n";
  else
    std::cerr << "irisctl: " << error.message << "\n";
  return static_cast<int>(error.code == base::Errc::unavailable ? Exit::unavailable : Exit::failed);
}

int succeed(const IrisctlCommand& command, const Json& result, const std::string& text) {
  if (command.json)
    std::cout << Json{{"ok", true}, {"result", result}}.dump() << "\n";
  else if (!text.empty())
    std::cout << text << "\n";
  return static_cast<int>(Exit::good);
}

}  // namespace iris::app
