// A password that somebody types, or that is piped in: one line. A terminal does not show it.
#pragma once
#include <functional>
#include <string>

namespace iris::app {

// Reads up to the end of the line; blocks. If `input` is a terminal, calls `prompt` when what is typed is no longer
// shown, and shows it again afterwards (unless a signal ends the process: shells put that right).
std::string read_password(int input, const std::function<void()>& prompt);

}  // namespace iris::app
