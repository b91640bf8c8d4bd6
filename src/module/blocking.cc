#include "module/blocking.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "module/block_rows.h"
#include "module/presence.h"
#include "module/roster_rows.h"
#include "module/routing.h"
#include "shard/jid_text.h"
#include "shard/stanzas.h"
#include "xmpp/ns.h"

namespace iris::module {
namespace {

namespace ns = xmpp::ns;
using shard::bare_of;
using xmpp::StanzaCondition;
using xmpp::StanzaError;
using Jids = std::vector<std::string>;

constexpr std::array kFeatures{ns::kBlocking};

bool blocks(const shard::Live& live, std::string_view jid) { return is_blocked(live.state(), live.entity(), jid); }

// §3.3: of a stanza for a JID that the user blocks.
StanzaError blocked_error() {
  StanzaError error(StanzaCondition::not_acceptable, xmpp::ErrorType::cancel);
  error.application = xml::Element("blocked", ns::kBlockingErrors);
  return error;
}

bool is_answer(const record::Stanza& stanza) {
  return stanza.type() == "error" || (stanza.kind() == record::IQ && stanza.type() == "result");
}

// ------------------------------------------------------------ the list (§3.3 to §3.5)
// The edge has prepared the JIDs.
std::variant<Jids, StanzaError> jids_in(const xml::Element& command) {
  Jids jids;
  std::set<std::string, std::less<>> known;
  for (const auto* item : command.elements("item", ns::kBlocking)) {
    auto jid = item->attribute_or("jid", "");
    if (jid.empty()) return StanzaError(StanzaCondition::bad_request, "an item has a jid");
    if (known.emplace(jid).second) jids.emplace_back(jid);
  }
  return jids;
}

// The stamp is in the id: a push that is read again is the same push.
void push(shard::Apply& apply, xml::Element command) {
  record::ArchiveRow row;
  row.set_blocklist(true);
  auto& stanza = *row.mutable_stanza();
  stanza.set_kind(record::IQ);
  stanza.set_type("set");
  stanza.set_id("push" + std::to_string(apply.stamp().value));
  stanza.set_inner(inner_bytes(command));
  apply.keep(std::move(row));
}

xml::Element command(std::string_view name, const Jids& jids) {
  xml::Element out(name, ns::kBlocking);
  for (const auto& jid : jids) out.add(xml::Element("item").set("jid", jid));
  return out;
}

// ------------------------------------------------------------ presence effects (§3.3, §3.4)
// The contacts that these rules are about, if `is_due(row)`. A rule for a full JID is about that resource alone.
template <typename IsDue>
Jids contacts_of(const shard::Live& live, const Jids& rules, IsDue is_due) {
  Jids out;
  const std::set<std::string, std::less<>> known(rules.begin(), rules.end());
  for (const auto& rule : rules)
    if (!shard::is_bare(rule) && is_due(find_contact(live.state(), bare_of(rule)))) out.push_back(rule);
  each_contact(live.state(), [&](std::string_view contact, const record::RosterRow& row) {
    const auto domain = contact.substr(contact.find('@') + 1);  // no '@': npos + 1 is 0
    if (is_due(row) && (known.contains(contact) || known.contains(domain))) out.emplace_back(contact);
  });
  return out;
}

bool sees_us(const record::RosterRow& row) { return row.from(); }
bool is_seen(const record::RosterRow& row) { return row.to(); }

void leave_sight_of(shard::Live& live, const Jids& rules) {
  const auto watching = contacts_of(live, rules, sees_us);
  for (auto* session : live.sessions()) {
    Jids due;
    if (session->available) due = watching;
    // Directed presence allows them to see it as well (RFC 6121 §4.6).
    std::erase_if(session->directed, [&](const std::string& jid) {
      if (!blocks(live, jid)) return false;
      due.push_back(jid);
      return true;
    });
    for (const auto& jid : due)
      if (is_local(bare_of(jid), live.options()))
        live.forward(presence("unavailable", std::string(live.entity()) + '/' + session->resource, jid));
  }
}

// The user's own clients learn where the contacts are, too: what these said meanwhile was dropped.
void come_into_sight_of(shard::Live& live, const Jids& rules) {
  for (const auto& jid : contacts_of(live, rules, sees_us)) send_presence_to(live, jid);
  for (const auto& jid : contacts_of(live, rules, is_seen)) send_probes_to(live, jid);
}

class Blocking final : public shard::Module {
 public:
  std::string_view name() const override { return "blocking"; }
  std::span<const std::string_view> domain_features() const override { return kFeatures; }

  bool on_submit(shard::Apply& apply, record::Submit& submit) override {
    const auto& stanza = submit.stanza();
    if (const auto block = own_set(submit, "block", ns::kBlocking)) return answer(apply, submit, add(apply, *block));
    if (const auto unblock = own_set(submit, "unblock", ns::kBlocking))
      return answer(apply, submit, remove(apply, *unblock));
    if (!is_blocked(apply.state(), apply.entity(), stanza.to())) return false;
    refuse(apply, submit, blocked_error());
    return true;
  }

  // §3.3: a message is answered, presence never.
  bool on_inbound(shard::Apply& apply, record::Inbound& inbound) override {
    if (!is_blocked(apply.state(), apply.entity(), inbound.stanza().from())) return false;
    if (inbound.stanza().kind() == record::MESSAGE && inbound.original_stamp() == 0)
      bounce(apply, inbound.stanza(), StanzaCondition::service_unavailable);
    return true;
  }

  // §3.2
  bool on_query(shard::Live& live, shard::Query& query) override {
    if (query.child_ns != ns::kBlocking || query.child_name != "blocklist" || query.request.type() != "get" ||
        !query.own)
      return false;
    if (auto* session = find_session(live, query.session)) session->blocklist = true;
    xml::Element list("blocklist", ns::kBlocking);
    each_block(live.state(), [&](std::string_view jid) { list.add(xml::Element("item").set("jid", jid)); });
    reply_result(live, query, list);
    return true;
  }

  bool on_soft(shard::Live& live, shard::Registration& session, const record::Stanza& stanza) override {
    if (!blocks(live, stanza.to())) return false;
    if (!is_answer(stanza)) live.deliver(session, shard::error_reply(stanza, blocked_error()));
    return true;
  }

  // Directed presence; the broadcast passes the blocked by (presence module).
  bool on_presence(shard::Live& live, shard::Registration& session, const record::Stanza& stanza) override {
    return on_soft(live, session, stanza);
  }

  bool on_soft_in(shard::Live& live, const record::Stanza& stanza) override {
    if (!blocks(live, stanza.from())) return false;
    if (!is_answer(stanza)) live.forward(shard::error_reply(stanza, StanzaCondition::service_unavailable));
    return true;
  }

  bool on_presence_in(shard::Live& live, const record::Stanza& stanza) override { return blocks(live, stanza.from()); }

 private:
  static bool answer(shard::Apply& apply, const record::Submit& submit, const std::optional<StanzaError>& error) {
    const auto& stanza = submit.stanza();
    apply.answer(submit.session(), error ? shard::error_reply(stanza, *error) : shard::result_reply(stanza));
    return true;
  }

  static std::optional<StanzaError> add(shard::Apply& apply, const xml::Element& block) {
    auto read = jids_in(block);
    if (auto* error = std::get_if<StanzaError>(&read)) return *error;
    const auto& jids = std::get<Jids>(read);
    if (jids.empty()) return StanzaError(StanzaCondition::bad_request, "at least one item");
    const auto fresh = std::ranges::count_if(jids, [&](auto& jid) { return !has_block(apply.state(), jid); });
    if (count_blocks(apply.state()) + static_cast<std::size_t>(fresh) > apply.options().blocked_max)
      return StanzaError(StanzaCondition::resource_constraint, "the list is full");
    push(apply, command("block", jids));
    for (const auto& jid : jids) put_block(apply.state(), jid);
    apply.afterwards([jids](shard::Live& live) { leave_sight_of(live, jids); });
    return std::nullopt;
  }

  // Without items: all of them (§3.5).
  static std::optional<StanzaError> remove(shard::Apply& apply, const xml::Element& unblock) {
    auto read = jids_in(unblock);
    if (auto* error = std::get_if<StanzaError>(&read)) return *error;
    auto jids = std::get<Jids>(std::move(read));
    push(apply, command("unblock", jids));
    if (jids.empty()) each_block(apply.state(), [&](std::string_view jid) { jids.emplace_back(jid); });
    std::erase_if(jids, [&](const std::string& jid) { return !has_block(apply.state(), jid); });
    for (const auto& jid : jids) erase_block(apply.state(), jid);
    apply.afterwards([jids = std::move(jids)](shard::Live& live) { come_into_sight_of(live, jids); });
    return std::nullopt;
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_blocking() { return std::make_unique<Blocking>(); }

}  // namespace iris::module
