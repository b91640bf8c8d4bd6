// XEP-0030 on an account's bare JID: what it is and what it can do. The features are those of all modules.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_disco(std::vector<std::string> features_of_others);

}  // namespace iris::module
