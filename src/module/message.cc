#include "module/message.h"

#include <string>

#include "module/archive_preferences.h"
#include "module/routing.h"
#include "record/keys.h"
#include "shard/carbons.h"
#include "shard/jid_text.h"
#include "shard/offline.h"
#include "shard/session_rows.h"
#include "xmpp/stanza_table.h"

namespace iris::module {
namespace {

using shard::bare_of;
using shard::resource_of;

// To the one session that has the resource. What may not be lost with it is noted as pending, to be routed again as to
// the bare JID when that session ends without having received it (rule C4).
void to_resource(shard::Apply& apply, record::Inbound& inbound, std::string_view resource, xmpp::Fate fate) {
  record::ArchiveRow row;
  row.set_visible(fate.archived);
  row.set_resource(std::string(resource));
  row.set_carbon(shard::is_copied(inbound.stanza(), apply.entity()));
  if (fate.offline)
    apply.state().put(shard::pending_prefix(resource) + record::key_of(apply.stamp()), inbound.SerializeAsString());
  *row.mutable_stanza() = std::move(*inbound.mutable_stanza());
  apply.keep(std::move(row));
}

// A client that acknowledges nothing must not fill the memory: beyond the limit the account's inbox takes what comes.
bool has_room(const shard::Apply& apply, std::string_view resource) {
  std::size_t count = 0, bytes = 0;
  apply.state().each(shard::pending_prefix(resource), [&](std::string_view, const std::string& value) {
    bytes += value.size();
    return ++count < apply.options().pending_max && bytes < apply.options().pending_bytes_max;
  });
  return count < apply.options().pending_max && bytes < apply.options().pending_bytes_max;
}

// To every session that is available with a priority that is not negative, and to those that come later if it is kept
// for offline. Routed again: the archive has it already, under its first stamp.
void to_account(shard::Apply& apply, record::Inbound& inbound, xmpp::Fate fate) {
  bool again = inbound.original_stamp() != 0;
  record::ArchiveRow row;
  row.set_visible(fate.archived && !again);
  row.set_inbox(true);
  row.set_offline(fate.offline);
  row.set_original_stamp(inbound.original_stamp());
  row.set_carbon(shard::is_copied(inbound.stanza(), apply.entity()));
  *row.mutable_stanza() = std::move(*inbound.mutable_stanza());
  if (fate.offline) shard::count_offline(apply);
  apply.keep(std::move(row));
}

// XEP-0280 §7: what RFC 6121 §8.5.3.2 gives to nobody is copied all the same.
void to_nobody(shard::Apply& apply, record::Stanza& stanza) {
  if (!shard::is_copied(stanza, apply.entity())) return;
  record::ArchiveRow row;
  *row.mutable_stanza() = std::move(stanza);
  row.set_carbon(true);
  apply.keep(std::move(row));
}

// XEP-0441 §2.3: what the account does not want is not archived, now or when it is routed again.
void unarchive(record::Inbound& inbound, xmpp::Fate fate) {
  fate.archived = false;
  inbound.mutable_stanza()->set_fate(fate.bits());
}

class Message final : public shard::Module {
 public:
  std::string_view name() const override { return "message"; }

  bool on_submit(shard::Apply& apply, record::Submit& submit) override {
    if (submit.stanza().kind() != record::MESSAGE) return false;
    // RFC 6120 §10.3.1: without an address it is for the sender's own account.
    const bool to_self = submit.stanza().to().empty();
    std::string bare(to_self ? apply.entity() : bare_of(submit.stanza().to()));
    if (!is_local(bare, apply.options())) {
      refuse(apply, submit, xmpp::StanzaCondition::remote_server_not_found);
      return true;
    }
    record::Inbound out;
    *out.mutable_stanza() = std::move(*submit.mutable_stanza());
    if (to_self) out.mutable_stanza()->set_to(bare);
    auto fate = xmpp::Fate::from_bits(out.stanza().fate());
    const bool visible = fate.archived && is_wanted_in_archive(apply.state(), apply.entity(), out.stanza().to());
    if ((visible || fate.carbon) && bare != apply.entity()) {  // to oneself: one row, of what arrives
      record::ArchiveRow row;
      *row.mutable_stanza() = out.stanza();
      row.set_visible(visible);
      row.set_outgoing(true);
      row.set_carbon(fate.carbon);
      apply.keep(std::move(row));
    }
    apply.emit(std::move(bare), std::move(out));
    return true;
  }

  bool on_inbound(shard::Apply& apply, record::Inbound& inbound) override {
    auto& stanza = *inbound.mutable_stanza();
    if (stanza.kind() != record::MESSAGE) return false;
    auto fate = xmpp::Fate::from_bits(stanza.fate());
    if (fate.archived && inbound.original_stamp() == 0 &&
        !is_wanted_in_archive(apply.state(), apply.entity(), stanza.from())) {
      unarchive(inbound, fate);
      return on_inbound(apply, inbound);
    }
    auto resource = resource_of(stanza.to());
    // Routed again, it had its resource when it came: what is left is the account.
    const bool again = inbound.original_stamp() != 0;
    const bool matches = !resource.empty() && !again && shard::live_resource(apply.state(), resource);
    if (matches && (!fate.offline || has_room(apply, resource))) {
      to_resource(apply, inbound, resource, fate);  // RFC 6121 §8.5.3.1
      return true;
    }
    // §8.5.2 bare JID, §8.5.3.2 full JID that matches no session; table 1 in delivery_rules_test.cc
    const auto& type = stanza.type();
    const bool no_match = !resource.empty() && !again && !matches;
    if (type == "groupchat") {
      bounce(apply, stanza, xmpp::StanzaCondition::service_unavailable);
    } else if (type == "headline") {
      resource.empty() ? to_account(apply, inbound, fate) : to_nobody(apply, stanza);
    } else if (type == "error") {
      to_nobody(apply, stanza);
    } else if (fate.offline && !again && shard::is_offline_full(apply)) {
      bounce(apply, stanza, xmpp::StanzaCondition::service_unavailable);  // XEP-0160 §2
    } else if (type == "chat" || !no_match) {
      to_account(apply, inbound, fate);
    } else {
      bounce(apply, stanza, xmpp::StanzaCondition::service_unavailable);  // §8.5.3.2.1: normal is never redirected
    }
    return true;
  }
};

}  // namespace

std::unique_ptr<shard::Module> make_message() { return std::make_unique<Message>(); }

}  // namespace iris::module
