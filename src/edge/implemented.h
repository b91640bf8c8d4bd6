// What connections implement, for docs/xeps.md and the DOAP file. A feature of feature/registry.cc without a row here
// is found by tools/tidy.
#pragma once
#include <span>

#include "xmpp/implements.h"

namespace iris::edge {

std::span<const xmpp::Implements> implemented();

}  // namespace iris::edge
