// XEP-0054: the vCard of an account, one row of its state. World-readable, as the text says (security considerations).
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_vcard();

}  // namespace iris::module
