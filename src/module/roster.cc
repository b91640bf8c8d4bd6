#include "module/roster.h"

#include <optional>
#include <string>
#include <utility>

#include "module/presence.h"
#include "module/roster_rows.h"
#include "module/roster_set.h"
#include "module/routing.h"
#include "shard/jid_text.h"
#include "shard/stanzas.h"
#include "xmpp/ns.h"

namespace iris::module {
namespace {

using shard::bare_of;
using xmpp::StanzaCondition;
using xmpp::StanzaError;
namespace ns = xmpp::ns;

// §2.1.6: an IQ set from the account itself. The stamp is in the id: a push that is read again is the same push. With
// it the roster has a new version (§2.6.3), at most one for each record.
record::Stanza push(shard::Apply& apply, xml::Element item) {
  put_roster_version(apply.state(), apply.stamp());
  record::Stanza out;
  out.set_kind(record::IQ);
  out.set_type("set");
  out.set_id("push" + std::to_string(apply.stamp().value));
  out.set_inner(
      inner_bytes(xml::Element("query", ns::kRoster).set("ver", roster_version(apply.state())).add(std::move(item))));
  return out;
}

record::ArchiveRow to_interested(record::Stanza stanza) {
  record::ArchiveRow row;
  row.set_interested(true);
  *row.mutable_stanza() = std::move(stanza);
  return row;
}

void emit_presence(shard::Apply& apply, record::Stanza stanza, std::string_view contact) {
  if (!is_local(contact, apply.options())) return;
  stanza.set_from(std::string(apply.entity()));  // §3.1.2: from the bare JID, to the bare JID
  stanza.set_to(std::string(contact));
  record::Inbound out;
  *out.mutable_stanza() = std::move(stanza);
  apply.emit(std::string(contact), std::move(out));
}
void emit_presence(shard::Apply& apply, std::string_view type, std::string_view contact) {
  emit_presence(apply, presence(type, {}, {}), contact);
}

// §3.2.2: "while the user is still subscribed", before "unsubscribed" is on its way.
void leave_sight(shard::Apply& apply, const std::string& contact) {
  apply.beforehand([contact](shard::Live& live) { send_unavailable_to(live, contact); });
}

// ------------------------------------------------------------ roster set (§2.3, §2.4, §2.5)
void remove_item(shard::Apply& apply, const std::string& jid, const record::RosterRow& row) {
  erase_contact(apply.state(), jid);
  apply.keep(
      to_interested(push(apply, xml::Element("item", ns::kRoster).set("jid", jid).set("subscription", "remove"))));
  // §2.5.2: the subscriptions end with the item, and so do the questions.
  if (row.to() || row.ask_out()) emit_presence(apply, "unsubscribe", jid);
  if (row.from() || row.ask_in()) emit_presence(apply, "unsubscribed", jid);
  if (row.from()) leave_sight(apply, jid);
}

std::optional<StanzaError> change(shard::Apply& apply, const RosterSet& set) {
  auto row = find_contact(apply.state(), set.jid);
  if (set.remove) {
    if (!row.listed()) return StanzaError(StanzaCondition::item_not_found);
    remove_item(apply, set.jid, row);
    return std::nullopt;
  }
  if (!row.listed() && contacts_listed(apply.state()) >= apply.options().roster_items_max)
    return StanzaError(StanzaCondition::resource_constraint, "the roster is full");
  row.set_listed(true);
  row.set_name(set.name);
  row.mutable_groups()->Assign(set.groups.begin(), set.groups.end());
  // It is kept in memory, and goes out in one stanza.
  if (roster_bytes_without(apply.state(), set.jid) + bytes_in_roster(set.jid, row) > apply.options().roster_bytes_max)
    return StanzaError(StanzaCondition::resource_constraint, "names and groups are too long together");
  put_contact(apply.state(), set.jid, row);
  apply.keep(to_interested(push(apply, roster_item(set.jid, row))));
  return std::nullopt;
}

bool roster_set(shard::Apply& apply, const record::Submit& submit) {
  const auto& stanza = submit.stanza();
  if (stanza.type() != "set" || stanza.inner().find(ns::kRoster) == std::string::npos) return false;
  auto inner = parse_inner(stanza);
  const auto* query = inner ? inner->child("query", ns::kRoster) : nullptr;
  if (!query) return false;
  auto set = read_roster_set(*query, apply.options());
  std::optional<StanzaError> error;
  if (!stanza.to().empty() && bare_of(stanza.to()) != apply.entity()) {
    error = StanzaError(StanzaCondition::forbidden);  // §2.3.3
  } else if (auto* wrong = std::get_if<StanzaError>(&set)) {
    error = std::move(*wrong);
  } else if (const auto& right = std::get<RosterSet>(set); right.jid == apply.entity()) {
    error = StanzaError(StanzaCondition::not_allowed, "an account is not its own contact");
  } else {
    error = change(apply, right);
  }
  apply.answer(submit.session(), error ? shard::error_reply(stanza, *error) : shard::result_reply(stanza));
  return true;
}

// ------------------------------------------------------------ subscriptions (§3)
// What the user says to a contact.
void say(shard::Apply& apply, const record::Submit& submit, SubscriptionStep step) {
  std::string contact(bare_of(submit.stanza().to()));
  if (contact.empty() || contact == apply.entity()) return;
  if (!is_local(contact, apply.options())) return refuse(apply, submit, StanzaCondition::remote_server_not_found);
  auto row = find_contact(apply.state(), contact);
  auto cell = outbound(subscription_state(row), step);
  const bool adds = step == SubscriptionStep::subscribe || cell.also == Also::pre_approve;
  if (adds && !row.listed() && contacts_listed(apply.state()) >= apply.options().roster_items_max)
    return refuse(apply, submit, StanzaError(StanzaCondition::resource_constraint, "the roster is full"));

  auto before = row;
  set_subscription_state(row, cell.next);
  if (cell.also == Also::pre_approve) row.set_approved(true), row.set_listed(true);
  if (cell.also == Also::end_approval) row.set_approved(false);
  put_contact(apply.state(), contact, row);
  if (row.listed() && (!before.listed() || roster_item(contact, row) != roster_item(contact, before)))
    apply.keep(to_interested(push(apply, roster_item(contact, row))));
  if (cell.pass) emit_presence(apply, submit.stanza(), contact);
  if (step == SubscriptionStep::subscribed && cell.pass)
    apply.afterwards([contact](shard::Live& live) { send_presence_to(live, contact); });  // §3.1.5
  if (before.from() && !row.from()) leave_sight(apply, contact);
}

std::size_t requests_waiting(const shard::State& state) {
  std::size_t count = 0;
  each_contact(state, [&](std::string_view, const record::RosterRow& row) { count += row.ask_in() ? 1 : 0; });
  return count;
}

// §3.1.3: kept until it is answered, shown at each login (by the presence module).
void keep_request(shard::Apply& apply, const record::Stanza& stanza, record::RosterRow& row) {
  auto kept = stanza;
  if (kept.inner().size() > apply.options().roster_request_bytes_max) kept.clear_inner();
  row.set_ask_stanza(kept.SerializeAsString());
  record::ArchiveRow now;
  now.set_inbox(true);
  *now.mutable_stanza() = stanza;
  apply.keep(std::move(now));
  // It is for every available session, also for those that the inbox does not serve.
  apply.afterwards([stanza](shard::Live& live) {
    for (const auto* session : live.sessions())
      if (session->available && !session->entitled()) live.deliver(*session, stanza);
  });
}

// On the user's behalf: appendix A.3. The id is the request's, as in the example of §3.1.3.
void auto_reply(shard::Apply& apply, const record::Stanza& stanza, std::string_view type, std::string_view contact) {
  auto answer = presence(type, {}, {});
  answer.set_id(stanza.id());
  emit_presence(apply, std::move(answer), contact);
}

// To those who want to know of the roster: the stanza (§3.1.6, §3.2.3, §3.3.3), then the push.
void tell_interested(shard::Apply& apply, const record::Stanza& stanza, bool pass, std::optional<xml::Element> item) {
  if (!pass && !item) return;
  if (!pass) return apply.keep(to_interested(push(apply, *std::move(item))));
  auto due = to_interested(stanza);
  if (item) *due.add_also() = push(apply, *std::move(item));
  apply.keep(std::move(due));
}

// What a contact says to the user.
void hear(shard::Apply& apply, const record::Stanza& stanza, SubscriptionStep step) {
  std::string contact(bare_of(stanza.from()));
  if (contact.empty() || contact == apply.entity()) return;
  auto row = find_contact(apply.state(), contact);
  auto cell = inbound(subscription_state(row), step, row.approved());
  const bool asks = step == SubscriptionStep::subscribe;
  if (asks && cell.pass && requests_waiting(apply.state()) >= apply.options().roster_requests_max) return;

  auto before = row;
  set_subscription_state(row, cell.next);
  if (asks && cell.pass) {
    keep_request(apply, stanza, row);
  } else {
    const bool changed = row.listed() && roster_item(contact, row) != roster_item(contact, before);
    tell_interested(apply, stanza, cell.pass, changed ? std::optional(roster_item(contact, row)) : std::nullopt);
  }
  put_contact(apply.state(), contact, row);
  if (cell.also == Also::subscribed) {
    auto_reply(apply, stanza, "subscribed", contact);
    apply.afterwards([contact](shard::Live& live) { send_presence_to(live, contact); });  // §3.1.5
  }
  if (cell.also == Also::unsubscribed) auto_reply(apply, stanza, "unsubscribed", contact);
  if (before.from() && !row.from()) leave_sight(apply, contact);  // §3.3.3
}

class Roster final : public shard::Module {
 public:
  std::string_view name() const override { return "roster"; }

  bool on_submit(shard::Apply& apply, record::Submit& submit) override {
    const auto& stanza = submit.stanza();
    if (stanza.kind() == record::IQ) return roster_set(apply, submit);
    if (stanza.kind() != record::PRESENCE) return false;
    auto step = subscription_step(stanza.type());
    if (step) say(apply, submit, *step);
    return step.has_value();
  }

  bool on_inbound(shard::Apply& apply, record::Inbound& inbound) override {
    if (inbound.stanza().kind() != record::PRESENCE) return false;
    auto step = subscription_step(inbound.stanza().type());
    if (step) hear(apply, inbound.stanza(), *step);
    return step.has_value();
  }

  // §2.1.3, §2.2, and §2.1.6: who asks for the roster is told of its changes.
  bool on_query(shard::Live& live, shard::Query& query) override {
    if (query.child_ns != ns::kRoster || query.child_name != "query") return false;
    if (!query.own) {  // §2.3.3
      reply_error(live, query, StanzaCondition::forbidden);
      return true;
    }
    if (query.request.type() != "get") return false;
    if (auto* session = find_session(live, query.session)) session->interested = true;
    const auto* asked = query.payload.first_child();
    if (!asked->elements("item", ns::kRoster).empty()) {  // §2.1.3
      reply_error(live, query, StanzaError(StanzaCondition::bad_request, "a roster get has no items"));
      return true;
    }
    const std::string version = roster_version(live.state());
    if (asked->attribute_or("ver", "") == version) {  // §2.6.3
      reply_empty(live, query);
      return true;
    }
    xml::Element roster("query", ns::kRoster);
    roster.set("ver", version);
    each_contact(live.state(), [&](std::string_view bare, const record::RosterRow& row) {
      if (row.listed()) roster.add(roster_item(bare, row));
    });
    reply_result(live, query, roster);
    return true;
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_roster() { return std::make_unique<Roster>(); }

}  // namespace iris::module
