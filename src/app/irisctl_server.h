// irisctl's commands that look at a running server: session list, session end, status. Each returns an exit code.
#pragma once
#include "app/command_line.h"

namespace iris::app {

int list_sessions(const IrisctlCommand& command);
int end_sessions(const IrisctlCommand& command);
int show_status(const IrisctlCommand& command);

}  // namespace iris::app
