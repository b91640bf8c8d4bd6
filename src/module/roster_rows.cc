#include "module/roster_rows.h"

#include "base/check.h"
#include "module/account_row.h"
#include "xmpp/ns.h"

namespace iris::module {
namespace {

std::string row_key(std::string_view bare) { return std::string(kRosterPrefix).append(bare); }

bool says_nothing(const record::RosterRow& row) {
  return !row.listed() && !row.to() && !row.from() && !row.ask_out() && !row.ask_in() && !row.approved();
}

std::string_view subscription_name(const record::RosterRow& row) {
  if (row.to()) return row.from() ? "both" : "to";
  return row.from() ? "from" : "none";
}

}  // namespace

std::string roster_version(const shard::State& state) {
  const auto* version = state.find(kRosterVersion);
  return version ? *version : std::to_string(account_created(state).value);
}

void put_roster_version(shard::State& state, base::Stamp stamp) {
  state.put(std::string(kRosterVersion), std::to_string(stamp.value));
}

record::RosterRow parse_contact(std::string_view bytes) {
  record::RosterRow row;
  // Our own row; one that does not parse is a torn store.
  IRIS_CHECK(row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return row;
}

record::RosterRow find_contact(const shard::State& state, std::string_view bare) {
  const auto* bytes = state.find(row_key(bare));
  return bytes ? parse_contact(*bytes) : record::RosterRow{};
}

void put_contact(shard::State& state, std::string_view bare, const record::RosterRow& row) {
  if (says_nothing(row)) return erase_contact(state, bare);
  state.put(row_key(bare), row.SerializeAsString());
}

void erase_contact(shard::State& state, std::string_view bare) { state.erase(row_key(bare)); }

std::size_t contacts_listed(const shard::State& state) {
  std::size_t count = 0;
  each_contact(state, [&](std::string_view, const record::RosterRow& row) { count += row.listed() ? 1 : 0; });
  return count;
}

std::size_t bytes_in_roster(std::string_view bare, const record::RosterRow& row) {
  std::size_t bytes = bare.size() + row.name().size();
  for (const auto& group : row.groups()) bytes += group.size();
  return bytes;
}

std::size_t roster_bytes_without(const shard::State& state, std::string_view bare) {
  std::size_t bytes = 0;
  each_contact(state, [&](std::string_view contact, const record::RosterRow& row) {
    if (row.listed() && contact != bare) bytes += bytes_in_roster(contact, row);
  });
  return bytes;
}

SubscriptionState subscription_state(const record::RosterRow& row) {
  return state_of({.to = row.to(), .from = row.from(), .ask_out = row.ask_out(), .ask_in = row.ask_in()});
}

void set_subscription_state(record::RosterRow& row, SubscriptionState state) {
  auto bits = bits_of(state);
  row.set_to(bits.to);
  row.set_from(bits.from);
  row.set_ask_out(bits.ask_out);
  row.set_ask_in(bits.ask_in);
  if (!bits.ask_in) row.clear_ask_stanza();
  // RFC 6121 §3.1.2, §3.1.5: asking, and being approved, make an item; only being asked does not.
  if (bits.to || bits.from || bits.ask_out) row.set_listed(true);
}

xml::Element roster_item(std::string_view bare, const record::RosterRow& row) {
  xml::Element item("item", xmpp::ns::kRoster);
  item.set("jid", bare).set("subscription", subscription_name(row));
  if (row.approved()) item.set("approved", "true");  // §2.1.2.1
  if (!row.name().empty()) item.set("name", row.name());
  if (row.ask_out()) item.set("ask", "subscribe");  // §2.1.2.2
  for (const auto& group : row.groups()) item.add(xml::Element("group").add_text(group));
  return item;
}

}  // namespace iris::module
