// How irisctl answers: for people, or with --json for programs; each with its exit code.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/command_line.h"
#include "base/result.h"

namespace iris::app {

int fail(const IrisctlCommand& command, const base::Error& error);
// `text`: for people; empty: nothing is said.
int succeed(const IrisctlCommand& command, const nlohmann::ordered_json& result, const std::string& text);

}  // namespace iris::app
