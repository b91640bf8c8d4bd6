// docs/configuration.md, made from the schema; a test compares the two.
#pragma once
#include <string>

namespace iris::app {

std::string config_doc();

}  // namespace iris::app
