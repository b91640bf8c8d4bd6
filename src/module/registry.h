// All modules, and what they implement. To add one: its pair of files, one line in registry.cc, one row per text.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shard/module.h"

namespace iris::module {

// One of each, in the order in which their hooks run. One set serves one loop.
std::vector<std::unique_ptr<shard::Module>> make_modules();

// A text that a module implements: docs/xeps.md and the DOAP file are made from these rows.
struct Implements {
  std::string_view module;  // Module::name()
  std::string_view text;    // "XEP-0313" or "RFC 6121"
  std::string_view title;
  std::string_view version;  // that it was checked against; empty for an RFC
  std::string_view status;   // "complete" or "partial", as DOAP says it
  std::string_view note;     // what is left out, or where to look
};
std::span<const Implements> implemented();

// Features that the modules add to what the server's own domain advertises. The edge answers there.
std::vector<std::string> domain_features();

}  // namespace iris::module
