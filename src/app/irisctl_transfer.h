// irisctl's side of XEP-0227: `account export` to a file, and `account import` of one. Each returns an exit code.
#pragma once
#include <string>

#include "app/command_line.h"

namespace iris::app {

int export_account(const IrisctlCommand& command);
// `text`: the whole file; CSV is not for here.
int import_server_data(const IrisctlCommand& command, std::string text);
bool is_server_data(std::string_view text);  // XML, by its first character

}  // namespace iris::app
