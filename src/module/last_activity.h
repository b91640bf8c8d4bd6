// XEP-0012: when somebody was last here, for those who may see their presence. Nothing is kept for it: the newest ended
// session of the account's state is never forgotten while none lives (shard/session_rows.h). The domain's uptime is the
// edge's, how long a client has been idle is the client's.
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_last_activity();

}  // namespace iris::module
