// `irisctl session`: who is connected, and an end to it. From the tables of the edges, each asked on its own loop.
#pragma once
#include "app/admin_commands.h"

namespace iris::app {

// session-list {"jid","after"} -> {"sessions":[{"jid","session","peer",…}],"next"}; `jid` bare or full, or empty: all;
//   `next` is empty at the end.
// session-end {"jid","text"} or {"all":true,"text"} -> {"ended"}: each gets the stream error, and its shard hears of it
void add_session_commands(admin::AdminSocket& socket, const AdminWorld& world);

}  // namespace iris::app
