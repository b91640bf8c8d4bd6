// Contacts and subscriptions (RFC 6121 §2, §3, appendix A). Get is soft; set, remove and the four subscription stanzas
// are logged. A change is pushed to the sessions that have requested the roster by one row of the inbox, so a push is
// not lost with a Bus message.
//
// Not offered: roster versioning (§2.6), pre-approval (§3.4).
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_roster();

}  // namespace iris::module
