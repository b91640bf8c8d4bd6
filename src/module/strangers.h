// What those learn to whom an account shows no presence (RFC 6121 §8.1): of an account that does not exist, what they
// would learn of one that nobody uses. Modules answer for both alike, and `account` takes no query for itself; here is
// what a deployment may ask for beyond that (Options::cautious).
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_strangers();

}  // namespace iris::module
