// A text that a part of Iris implements. The rows stand beside the two registries, in module/registry.cc and
// edge/implemented.cc; docs/xeps.md and the DOAP file are made from both.
#pragma once
#include <string_view>

namespace iris::xmpp {

struct Implements {
  std::string_view by;    // Module::name(), the feature's line in edge/feature/registry.cc, or another part of the edge
  std::string_view text;  // "XEP-0313" or "RFC 6121"
  std::string_view title;
  std::string_view version;  // that it was checked against; empty for an RFC
  std::string_view status;   // "complete" or "partial", as DOAP says it
  std::string_view note;     // what is left out, or where to look
};

}  // namespace iris::xmpp
