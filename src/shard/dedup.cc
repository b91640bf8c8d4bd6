#include "shard/dedup.h"

#include <xxhash.h>

#include <vector>

#include "record/keys.h"

namespace iris::shard {
namespace {

constexpr std::uint64_t kDay = 24ull * 3600 * 1000 * 1000;
// dedup/<hash><day>: one look-up finds every day of a hash.
constexpr std::string_view kPrefix = "dedup/";
constexpr std::string_view kSwept = "dedup-swept";  // the day on which old rows were last dropped

std::uint64_t hash_of(const record::Stanza& stanza) {
  // The account is the partition of the state; a NUL cannot occur in XML, so the parts cannot run into one another.
  std::string key;
  key.append(stanza.origin_id()).push_back('\0');
  key.append(stanza.to()).push_back('\0');
  key.append(record::big_endian(stanza.payload_hash()));
  return XXH64(key.data(), key.size(), 0);
}

std::uint64_t day_of(std::string_view key) { return record::from_big_endian(key.substr(key.size() - 4)); }

// Once a day: the first message of a day pays for it.
void drop_old(Apply& apply, std::uint64_t today) {
  auto day = record::big_endian(std::uint32_t(today));
  if (const auto* swept = apply.state().find(kSwept); swept && *swept == day) return;
  std::vector<std::string> old;
  apply.state().each(kPrefix, [&](std::string_view rest, const std::string&) {
    if (day_of(rest) + apply.options().dedup_days < today) old.push_back(std::string(kPrefix).append(rest));
    return true;
  });
  for (const auto& key : old) apply.state().erase(key);
  apply.state().put(std::string(kSwept), std::move(day));
}

}  // namespace

bool seen_before(Apply& apply, const record::Stanza& stanza) {
  if (stanza.origin_id().empty()) return false;
  auto today = apply.stamp().value / kDay;
  auto key = std::string(kPrefix) + record::big_endian(hash_of(stanza));
  bool seen = false;
  apply.state().each(key, [&](std::string_view day, const std::string&) {
    seen = day_of(day) + apply.options().dedup_days >= today;
    return !seen;
  });
  if (seen) return true;
  drop_old(apply, today);
  apply.state().put(key + record::big_endian(std::uint32_t(today)), {});
  return false;
}

}  // namespace iris::shard
