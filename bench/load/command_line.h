// The adapter of the command-line library.
#pragma once
#include <variant>

#include "load/options.h"

namespace iris::load {

// Or the exit code, when help or an error was printed.
std::variant<Options, Exit> parse_command_line(int argc, const char* const* argv);

}  // namespace iris::load
