// Messages for those who are away (XEP-0160). There is no store of its own: the inbox's rows, kept for offline as the
// stanza table says, are read on from the offline position (docs/engine.md), and what exceeds the quota is bounced by
// the message module (shard/offline.h); here is only the feature's name.
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_offline();

}  // namespace iris::module
