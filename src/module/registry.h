// All modules, and what they implement. To add one: its pair of files, one line in registry.cc, one row per text.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "shard/module.h"
#include "xmpp/implements.h"

namespace iris::module {

// One of each, in the order in which their hooks run. One set serves one loop.
std::vector<std::unique_ptr<shard::Module>> make_modules();

// What they implement, for docs/xeps.md and the DOAP file.
std::span<const xmpp::Implements> implemented();

// Features that the modules add to what the server's own domain advertises. The edge answers there.
std::vector<std::string> domain_features();

}  // namespace iris::module
