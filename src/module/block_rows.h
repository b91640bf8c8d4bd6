// Whom an account blocks (XEP-0191), as rows of its state: `block/<JID>`.
#pragma once
#include <cstddef>
#include <functional>
#include <string_view>

#include "shard/state.h"

namespace iris::module {

// §5: whether a rule of the account `own` fits this JID: its full form, its bare form, or its domain. An account is
// never cut off from itself (§4, note).
bool is_blocked(const shard::State& state, std::string_view own, std::string_view jid);

void put_block(shard::State& state, std::string_view jid);
void erase_block(shard::State& state, std::string_view jid);
bool has_block(const shard::State& state, std::string_view jid);
std::size_t count_blocks(const shard::State& state);
// visit(JID), in the order of JIDs. Must not change the state.
void each_block(const shard::State& state, const std::function<void(std::string_view)>& visit);

}  // namespace iris::module
