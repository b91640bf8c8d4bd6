// Contacts and subscriptions (RFC 6121 §2, §3, appendix A). Get is soft; set, remove and the four subscription stanzas
// are logged. A change is pushed to the sessions that have requested the roster by one row of the inbox, so a push is
// not lost with a Bus message.
//
// A client that names the version it has (§2.6) gets an empty result if that is the newest, else the whole roster: a
// single answer, whose loss the client notices, where interim pushes would be as many that it does not.
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_roster();

}  // namespace iris::module
