// What connections implement, for docs/xeps.md and the DOAP file. A feature of feature/registry.cc without a row here
// is found by tools/tidy.
#pragma once
#include <span>
#include <string_view>

namespace iris::edge {

struct Implements {
  std::string_view feature;  // its line in feature/registry.cc, or the part of the edge
  std::string_view text;     // "XEP-0198" or "RFC 6120"
  std::string_view title;
  std::string_view version;  // that it was checked against; empty for an RFC
  std::string_view status;   // "complete" or "partial", as DOAP says it
  std::string_view note;     // what is left out, or where to look
};
std::span<const Implements> implemented();

}  // namespace iris::edge
