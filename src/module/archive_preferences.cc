#include "module/archive_preferences.h"

#include <algorithm>
#include <array>
#include <string>
#include <variant>
#include <vector>

#include "module/roster_rows.h"
#include "module/routing.h"
#include "shard/jid_text.h"
#include "shard/stanzas.h"
#include "xmpp/ns.h"

namespace iris::module {
namespace {

using xmpp::StanzaCondition;
using xmpp::StanzaError;
namespace ns = xmpp::ns;

constexpr std::string_view kDefaultKey = "archive-default";  // absent: always
constexpr std::array<std::string_view, 3> kDefaults{"always", "never", "roster"};
// The lists, as elements and as rows.
constexpr std::array<std::string_view, 2> kLists{"always", "never"};

std::string prefix_of(std::string_view list) { return std::string("archive-").append(list).append("/"); }

// §2.3.1: a listed bare JID stands for all its resources, a full one for itself.
bool is_listed(const shard::State& state, std::string_view list, std::string_view peer) {
  auto prefix = prefix_of(list);
  return state.find(prefix + std::string(shard::bare_of(peer))) || state.find(prefix + std::string(peer));
}

std::string_view default_of(const shard::State& state) {
  const auto* row = state.find(kDefaultKey);
  return row ? std::string_view(*row) : kDefaults[0];
}

struct Preferences {
  std::string fallback;
  std::array<std::vector<std::string>, kLists.size()> lists;
};

// JIDs were prepared at the edge, or the stanza was refused there.
std::variant<Preferences, StanzaError> read_preferences(const xml::Element& prefs, std::size_t addresses_max) {
  Preferences out;
  out.fallback = std::string(prefs.attribute_or("default", ""));
  if (std::find(kDefaults.begin(), kDefaults.end(), out.fallback) == kDefaults.end())
    return StanzaError(StanzaCondition::bad_request, "default is always, never or roster");
  std::size_t count = 0;
  for (std::size_t i = 0; i < kLists.size(); ++i) {
    const auto* list = prefs.child(kLists[i], ns::kMam);
    if (!list) continue;  // §2.1.2, §2.1.3: as if it were empty
    for (const auto* jid : list->elements("jid", ns::kMam)) {
      if (++count > addresses_max) return StanzaError(StanzaCondition::not_acceptable, "too many addresses");
      out.lists[i].push_back(jid->text());
      if (out.lists[i].back().empty()) return StanzaError(StanzaCondition::jid_malformed);
    }
  }
  return out;
}

xml::Element to_element(const shard::State& state) {
  xml::Element out("prefs", ns::kMam);
  out.set("default", default_of(state));
  for (auto list : kLists) {
    xml::Element element(list, ns::kMam);
    state.each(prefix_of(list), [&](std::string_view jid, const std::string&) {
      element.add(xml::Element("jid", ns::kMam).add_text(jid));
      return true;
    });
    out.add(std::move(element));
  }
  return out;
}

void put(shard::State& state, const Preferences& preferences) {
  std::vector<std::string> old;
  for (auto list : kLists)
    state.each(prefix_of(list), [&](std::string_view jid, const std::string&) {
      old.push_back(prefix_of(list).append(jid));
      return true;
    });
  for (const auto& key : old) state.erase(key);
  for (std::size_t i = 0; i < kLists.size(); ++i)
    for (const auto& jid : preferences.lists[i]) state.put(prefix_of(kLists[i]) + jid, {});
  state.put(std::string(kDefaultKey), preferences.fallback);
}

record::Stanza set(shard::Apply& apply, const record::Stanza& request, const xml::Element& prefs) {
  if (!request.to().empty() && shard::bare_of(request.to()) != apply.entity())
    return shard::error_reply(request, StanzaCondition::forbidden);
  auto read = read_preferences(prefs, apply.options().archive_preferences_max);
  if (auto* error = std::get_if<StanzaError>(&read)) return shard::error_reply(request, *error);
  put(apply.state(), std::get<Preferences>(read));
  return shard::result_reply(request, inner_bytes(to_element(apply.state())));
}

class ArchivePreferences final : public shard::Module {
 public:
  std::string_view name() const override { return "archive_preferences"; }

  bool on_submit(shard::Apply& apply, record::Submit& submit) override {
    const auto& stanza = submit.stanza();
    if (stanza.kind() != record::IQ || stanza.type() != "set" || stanza.inner().find(ns::kMam) == std::string::npos)
      return false;
    auto inner = parse_inner(stanza);
    const auto* prefs = inner ? inner->child("prefs", ns::kMam) : nullptr;
    if (!prefs) return false;
    apply.answer(submit.session(), set(apply, stanza, *prefs));
    return true;
  }

  bool on_query(shard::Live& live, shard::Query& query) override {
    if (query.child_ns != ns::kMam || query.child_name != "prefs" || query.request.type() != "get") return false;
    if (query.own)
      reply_result(live, query, to_element(live.state()));
    else
      reply_error(live, query, StanzaCondition::forbidden);
    return true;
  }
};

}  // namespace

// Where both lists name an address, that it is not to be kept is the stronger wish. An account is one of its own
// contacts.
bool is_wanted_in_archive(const shard::State& state, std::string_view own, std::string_view peer) {
  if (!state.find(kDefaultKey)) return true;  // nothing was ever said
  const auto fallback = default_of(state);
  if (is_listed(state, "never", peer)) return false;
  if (is_listed(state, "always", peer)) return true;
  if (fallback == "never") return false;
  auto bare = shard::bare_of(peer);
  return fallback == "always" || bare == own || find_contact(state, bare).listed();
}

std::unique_ptr<shard::Module> make_archive_preferences() { return std::make_unique<ArchivePreferences>(); }

}  // namespace iris::module
