#include "module/block_rows.h"

#include <string>

#include "shard/jid_text.h"

namespace iris::module {
namespace {

constexpr std::string_view kPrefix = "block/";

std::string row_key(std::string_view jid) { return std::string(kPrefix).append(jid); }

}  // namespace

bool has_block(const shard::State& state, std::string_view jid) { return state.find(row_key(jid)) != nullptr; }

bool is_blocked(const shard::State& state, std::string_view own, std::string_view jid) {
  const auto bare = shard::bare_of(jid);
  if (bare.empty() || bare == own) return false;
  if (has_block(state, jid)) return true;  // user@domain/resource, or domain/resource
  if (bare.size() != jid.size() && has_block(state, bare)) return true;
  const auto at = bare.find('@');
  return at != std::string_view::npos && has_block(state, bare.substr(at + 1));
}

void put_block(shard::State& state, std::string_view jid) { state.put(row_key(jid), "1"); }
void erase_block(shard::State& state, std::string_view jid) { state.erase(row_key(jid)); }

void each_block(const shard::State& state, const std::function<void(std::string_view)>& visit) {
  state.each(kPrefix, [&](std::string_view jid, const std::string&) {
    visit(jid);
    return true;
  });
}

std::size_t count_blocks(const shard::State& state) {
  std::size_t count = 0;
  each_block(state, [&](std::string_view) { ++count; });
  return count;
}

}  // namespace iris::module
