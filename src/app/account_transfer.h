// `irisctl account export` and the data of `account import`, the server's side: XEP-0227. Read from the store; written
// through the log (rule D1), but for the archive: its rows lie before the account was made, where its shard never
// writes, and are seen only when the record that follows them has moved the account's beginning.
#pragma once
#include "app/admin_commands.h"

namespace iris::app {

// account-export {"user","part","after"} -> {"user","xml","next"}: parts "data", "archive", "offline"; the last two in
//   pages; `next` is empty at the end
// account-restore {"user","xml","after"} -> {"archived","after","ignored":[…]}: `xml` are children of <user/>
void add_transfer_commands(admin::AdminSocket& socket, const AdminWorld& world);

}  // namespace iris::app
