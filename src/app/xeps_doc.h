// docs/xeps.md and doap.xml, made from the registries of modules and of edge features.
#pragma once
#include <string>

namespace iris::app {

std::string xeps_doc();
std::string doap_xml();

}  // namespace iris::app
