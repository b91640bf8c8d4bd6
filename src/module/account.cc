#include "module/account.h"

#include <string>
#include <vector>

#include "module/account_data.h"
#include "module/account_row.h"
#include "module/presence.h"
#include "module/roster_rows.h"
#include "module/routing.h"
#include "shard/jid_text.h"

namespace iris::module {
namespace {

using Outcome = record::AccountChanged::Outcome;

void tell(shard::Apply& apply, const record::AccountChange& change, Outcome outcome) {
  if (!change.has_reply_to()) return;
  record::BusMessage message;
  message.mutable_account_changed()->set_request(change.request());
  message.mutable_account_changed()->set_outcome(outcome);
  apply.notify({change.reply_to().node(), change.reply_to().loop()}, std::move(message));
}

void put_keys(shard::Apply& apply, record::AccountRow row, const record::AccountChange& change) {
  *row.mutable_keys() = change.keys();
  apply.state().put(std::string(kAccountKey), row.SerializeAsString());
}

// As if the user had taken each contact from the roster (RFC 6121 §2.5): nobody keeps a subscription to nobody.
void leave_contacts(shard::Apply& apply) {
  auto tell_contact = [&](std::string_view type, std::string_view contact) {
    if (!is_local(contact, apply.options())) return;
    record::Inbound out;
    *out.mutable_stanza() = presence(type, apply.entity(), contact);
    apply.emit(std::string(contact), std::move(out));
  };
  each_contact(apply.state(), [&](std::string_view contact, const record::RosterRow& row) {
    if (row.to() || row.ask_out()) tell_contact("unsubscribe", contact);
    if (row.from() || row.ask_in()) tell_contact("unsubscribed", contact);
    if (row.from())  // RFC 6121 §3.2.2
      apply.beforehand([jid = std::string(contact)](shard::Live& live) { send_unavailable_to(live, jid); });
  });
}

void end_sessions(shard::Apply& apply) {
  apply.state().each("session/", [&](std::string_view, const std::string& bytes) {
    record::SessionRow row;
    IRIS_CHECK(row.ParseFromString(bytes));
    if (row.ended() != 0) return true;
    record::BusMessage message;
    *message.mutable_session() = row.session();
    message.mutable_end_session()->set_condition("not-authorized");
    message.mutable_end_session()->set_text("the account was removed");
    apply.notify({row.edge().node(), row.edge().loop()}, std::move(message));
    return true;
  });
}

// All but the applied stamp (rule S5), which is the engine's.
void erase_all(shard::State& state) {
  for (const auto& key : state.keys())
    if (key != "applied") state.erase(key);
}

Outcome carry_out(shard::Apply& apply, const record::AccountChange& change) {
  auto row = find_account(apply.state());
  if (change.change() == record::AccountChange::CREATE) {
    if (row) return record::AccountChanged::EXISTS;
    record::AccountRow fresh;
    fresh.set_created(apply.stamp().value);
    put_keys(apply, std::move(fresh), change);
    return record::AccountChanged::DONE;
  }
  if (!row) return record::AccountChanged::MISSING;
  put_keys(apply, *std::move(row), change);
  return record::AccountChanged::DONE;
}

// XEP-0077 §3.2: who asked for it is told, and then the sessions end, that one among them.
void remove(shard::Apply& apply, const record::AccountChange& change) {
  const bool exists = find_account(apply.state()).has_value();
  tell(apply, change, exists ? record::AccountChanged::DONE : record::AccountChanged::MISSING);
  if (!exists) return;
  leave_contacts(apply);
  end_sessions(apply);
  erase_all(apply.state());
  apply.forget_rows();
}

class Account final : public shard::Module {
 public:
  std::string_view name() const override { return "account"; }

  bool on_account_change(shard::Apply& apply, const record::AccountChange& change) override {
    if (change.change() == record::AccountChange::REMOVE)
      remove(apply, change);
    else
      tell(apply, change, carry_out(apply, change));
    return true;
  }

  // A session that has outlived its account: its end is on the way. Nothing may grow again from what it sends.
  bool on_submit(shard::Apply& apply, record::Submit& submit) override {
    if (apply.account_exists()) return false;
    refuse(apply, submit, xmpp::StanzaCondition::not_authorized);
    return true;
  }

  // RFC 6121 §8.5.1 and table 1: a message is answered, a headline and presence of any kind are silently ignored.
  bool on_inbound(shard::Apply& apply, record::Inbound& inbound) override {
    if (is_restore(inbound.stanza(), apply.options())) {
      restore(apply, inbound.stanza());
      return true;
    }
    if (apply.account_exists()) return false;
    const auto& stanza = inbound.stanza();
    // RFC 6120 §13.11: who is cautious is silent where an account that nobody uses would keep it (table 1).
    const bool kept = stanza.type() == "chat" || (shard::is_bare(stanza.to()) && stanza.type() != "groupchat");
    if (kept && apply.options().cautious) return true;
    if (stanza.kind() == record::MESSAGE && stanza.type() != "headline" && inbound.original_stamp() == 0)
      bounce(apply, stanza, xmpp::StanzaCondition::service_unavailable);
    return true;
  }

  // A session that has outlived its account. To others an account that does not exist is one that nobody uses, to which
  // they are strangers (§8.1): whoever answers for such a one, answers for it. That is service-unavailable (§8.5.1),
  // but where a text has another word for strangers.
  bool on_query(shard::Live& live, shard::Query& query) override {
    if (!query.own || find_account(live.state())) return false;
    reply_error(live, query, xmpp::StanzaCondition::service_unavailable);
    return true;
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_account() { return std::make_unique<Account>(); }

}  // namespace iris::module
