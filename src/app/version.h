// What this build calls itself.
// The version, as --version and the documents say it.
#pragma once

namespace iris::app {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace iris::app
