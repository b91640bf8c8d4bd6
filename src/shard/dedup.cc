#include "shard/dedup.h"

#include <xxhash.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "record/keys.h"

namespace iris::shard {
namespace {

constexpr std::uint64_t kDay = 24ull * 3600 * 1000 * 1000;
// dedup/<hash><day>, the stamp: one look-up finds every day of a hash.
constexpr std::string_view kPrefix = "dedup/";
// The day on which old rows were last dropped.
constexpr std::string_view kSwept = "dedup-swept";

std::uint64_t hash_of(const record::Stanza& stanza) {
  // The account is the partition of the state; a NUL cannot occur in XML, so the parts cannot run into one another.
  std::string key;
  key.append(stanza.origin_id()).push_back('\0');
  key.append(stanza.to()).push_back('\0');
  key.append(record::big_endian(stanza.payload_hash()));
  return XXH64(key.data(), key.size(), 0);
}

std::uint64_t day_of(std::string_view key) { return record::from_big_endian(key.substr(key.size() - 4)); }

// Rows that are too old, and if there are too many, the oldest of those that are left: three quarters stay.
void drop_old(Apply& apply, std::uint64_t today) {
  std::vector<std::pair<std::string, std::string>> by_stamp;  // stamp, key
  std::vector<std::string> old;
  apply.state().each(kPrefix, [&](std::string_view rest, const std::string& stamp) {
    auto key = std::string(kPrefix).append(rest);
    if (day_of(rest) + apply.options().dedup_days < today)
      old.push_back(std::move(key));
    else
      by_stamp.emplace_back(stamp, std::move(key));
    return true;
  });
  if (by_stamp.size() >= apply.options().dedup_max) {
    std::ranges::sort(by_stamp);
    const auto keep = apply.options().dedup_max * 3 / 4;
    const auto first_kept = by_stamp.end() - static_cast<std::ptrdiff_t>(keep);
    for (auto it = by_stamp.begin(); it != first_kept; ++it) old.push_back(std::move(it->second));
  }
  for (const auto& key : old) apply.state().erase(key);
}

// At the first message of a day, and when there are too many.
void make_room(Apply& apply, std::uint64_t today) {
  const auto day = record::big_endian(std::uint32_t(today));
  const auto* swept = apply.state().find(kSwept);
  const bool swept_today = swept != nullptr && *swept == day;
  if (swept_today && apply.state().count(kPrefix) < apply.options().dedup_max) return;
  drop_old(apply, today);
  if (!swept_today) apply.state().put(std::string(kSwept), day);
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
  make_room(apply, today);
  apply.state().put(key + record::big_endian(std::uint32_t(today)), record::key_of(apply.stamp()));
  return false;
}

}  // namespace iris::shard
