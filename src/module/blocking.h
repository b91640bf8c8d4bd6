// XEP-0191: communications blocking. The list is logged state; a change of it is pushed by one row of the inbox to the
// sessions that have requested the list. Stands before the modules whose stanzas it takes: what comes from a blocked
// JID, and what is meant for one, they never see. Presence, which is made for many at once, asks is_blocked() itself.
//
// "Polite" (§4): subscriptions stay as they are, nobody is told. What was in the inbox before the block stays there.
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_blocking();

}  // namespace iris::module
