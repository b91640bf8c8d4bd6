#include "module/roster_set.h"

#include <algorithm>

#include "xmpp/ns.h"

namespace iris::module {

using xmpp::StanzaCondition;
using xmpp::StanzaError;

std::variant<RosterSet, StanzaError> read_roster_set(const xml::Element& query, const shard::Options& options) {
  auto items = query.elements("item", xmpp::ns::kRoster);
  if (items.size() != 1) return StanzaError(StanzaCondition::bad_request, "exactly one item");
  const auto& item = *items.front();
  auto jid = item.attribute("jid");
  if (!jid) return StanzaError(StanzaCondition::bad_request, "an item has a jid");

  RosterSet set;
  set.jid = std::string(*jid);
  set.remove = item.attribute_or("subscription", "") == "remove";  // §2.1.2.5: any other value is ignored
  if (set.remove) return set;
  set.name = std::string(item.attribute_or("name", ""));
  if (set.name.size() > options.roster_name_bytes_max)
    return StanzaError(StanzaCondition::not_acceptable, "name too long");
  for (const auto* group : item.elements("group", xmpp::ns::kRoster)) {
    auto name = group->text();
    if (name.empty() || name.size() > options.roster_name_bytes_max)
      return StanzaError(StanzaCondition::not_acceptable, "group name empty or too long");
    if (std::find(set.groups.begin(), set.groups.end(), name) != set.groups.end())
      return StanzaError(StanzaCondition::bad_request, "the same group twice");
    if (set.groups.size() >= options.roster_groups_max)
      return StanzaError(StanzaCondition::not_acceptable, "too many groups");
    set.groups.push_back(std::move(name));
  }
  return set;
}

}  // namespace iris::module
