// irisctl's side of XEP-0227: `account export` to a file, and `account import` of one. Each returns an exit code.
#pragma once
#include <istream>
#include <string>

#include "app/command_line.h"

namespace iris::app {

int export_account(const IrisctlCommand& command);
// `in`: from its first character on, which is that of XML.
int import_server_data(const IrisctlCommand& command, std::istream& in);

}  // namespace iris::app
