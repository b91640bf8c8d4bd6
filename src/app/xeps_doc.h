// docs/xeps.md and doap.xml, made from the registries of modules and of edge features; docs/stanza-table.md.
#pragma once
#include <string>

namespace iris::app {

std::string xeps_doc();
std::string doap_xml();
std::string stanza_table_doc();

}  // namespace iris::app
