// XEP-0199 to a bare JID: the account's server answers. Pings to the domain are the edge's, pings to a full JID the
// client's.
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_ping();

}  // namespace iris::module
