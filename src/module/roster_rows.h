// Contacts of an account, as rows of its state: `roster/<bare JID>`. Read by all that asks who may see whom.
#pragma once
#include <string>
#include <string_view>

#include "base/ids.h"
#include "module/roster_states.h"
#include "record/record.pb.h"
#include "shard/state.h"
#include "xml/element.h"

namespace iris::module {

inline constexpr std::string_view kRosterPrefix = "roster/";
inline constexpr std::string_view kRosterVersion = "rosterver";

// The version of the roster (§2.6): the stamp of the last record that changed what is pushed of it, so that versions
// are never used twice, not even by an account that is removed and made again.
std::string roster_version(const shard::State& state);
void put_roster_version(shard::State& state, base::Stamp stamp);

// A contact that is not there is an empty row.
record::RosterRow find_contact(const shard::State& state, std::string_view bare);
// A row that says nothing any more is erased.
void put_contact(shard::State& state, std::string_view bare, const record::RosterRow& row);
void erase_contact(shard::State& state, std::string_view bare);
std::size_t contacts_listed(const shard::State& state);
// What an item tells, and those of all others together. A request that waits is none (roster_requests_max).
std::size_t bytes_in_roster(std::string_view bare, const record::RosterRow& row);
std::size_t roster_bytes_without(const shard::State& state, std::string_view bare);

record::RosterRow parse_contact(std::string_view bytes);

// visit(bare JID, row), in the order of JIDs. Must not change the state.
template <typename Visit>
void each_contact(const shard::State& state, Visit&& visit) {
  state.each(kRosterPrefix, [&](std::string_view bare, const std::string& bytes) {
    visit(bare, parse_contact(bytes));
    return true;
  });
}

SubscriptionState subscription_state(const record::RosterRow& row);
void set_subscription_state(record::RosterRow& row, SubscriptionState state);

// <item/> of RFC 6121 §2.1.2, in namespace jabber:iq:roster.
xml::Element roster_item(std::string_view bare, const record::RosterRow& row);

}  // namespace iris::module
