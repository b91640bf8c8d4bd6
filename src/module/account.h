// Accounts: made, given new keys and removed through the log, so that nothing is written beside it (rule D1). Also the
// answer to whoever writes to an account that is not there (RFC 6121 §8.5.1), in one place: the modules behind this one
// see existing accounts only.
//
// Removing tells the contacts and ends the sessions. Rows of the archive are not deleted here: they lie before
// AccountRow.created of a later account of that name, and nothing is read from before it.
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_account();

}  // namespace iris::module
