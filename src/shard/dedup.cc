#include "shard/dedup.h"

#include <xxhash.h>

#include <vector>

#include "record/keys.h"

namespace iris::shard {
namespace {

constexpr std::uint64_t kDay = 24ull * 3600 * 1000 * 1000;
constexpr std::string_view kPrefix = "dedup/";

std::uint64_t hash_of(const record::Stanza& stanza) {
  // The account is the partition of the state; a NUL cannot occur in XML, so the parts cannot run into one another.
  std::string key;
  key.append(stanza.origin_id()).push_back('\0');
  key.append(stanza.to()).push_back('\0');
  key.append(record::big_endian(stanza.payload_hash()));
  return XXH64(key.data(), key.size(), 0);
}

void drop_old(Apply& apply, std::uint64_t today) {
  std::vector<std::string> old;
  apply.state().each(kPrefix, [&](std::string_view rest, const std::string&) {
    if (record::from_big_endian(rest.substr(0, 4)) + apply.options().dedup_days >= today) return false;
    old.push_back(std::string(kPrefix).append(rest));
    return true;
  });
  for (const auto& key : old) apply.state().erase(key);
}

}  // namespace

bool seen_before(Apply& apply, const record::Stanza& stanza) {
  if (stanza.origin_id().empty()) return false;
  auto today = apply.stamp().value / kDay;
  auto hash = record::big_endian(hash_of(stanza));
  auto oldest = today > apply.options().dedup_days ? today - apply.options().dedup_days : 0;
  for (auto day = oldest; day <= today; ++day)
    if (apply.state().find(std::string(kPrefix) + record::big_endian(std::uint32_t(day)) + hash)) return true;
  drop_old(apply, today);
  apply.state().put(std::string(kPrefix) + record::big_endian(std::uint32_t(today)) + hash, {});
  return false;
}

}  // namespace iris::shard
