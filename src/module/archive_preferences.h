// Which messages an account wants in its archive: XEP-0441. Kept in the state as rows, one for each address, so that a
// message costs a few look-ups: `archive-default`, `archive-always/<JID>`, `archive-never/<JID>`.
#pragma once
#include <memory>
#include <string_view>

#include "shard/module.h"

namespace iris::module {

// Whether a message to or from `peer`, a full or bare JID, is archived. Deterministic.
bool is_wanted_in_archive(const shard::State& state, std::string_view own, std::string_view peer);

std::unique_ptr<shard::Module> make_archive_preferences();

}  // namespace iris::module
