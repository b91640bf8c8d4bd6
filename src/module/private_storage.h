// XEP-0049: XML that a client keeps at its own account, one row of the account's state for each name and namespace.
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_private_storage();

}  // namespace iris::module
