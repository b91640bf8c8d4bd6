// XEP-0280: Message Carbons, what a client says about them. Which messages are copied: xmpp/stanza_table.cc; to whom
// and how: shard/carbons.h. Enabled or not is the session's, soft: its edge keeps it and tells each new owner of the
// account.
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_carbons();

}  // namespace iris::module
