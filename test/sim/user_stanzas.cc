// What people send, and what they get.
#include <algorithm>

#include "record/session.h"
#include "user.h"

namespace iris::sim {
namespace {

constexpr std::size_t kUnackedMax = 64;  // as the cluster's edges have it

std::string between(std::string_view text, std::string_view begin, std::string_view end) {
  auto at = text.find(begin);
  if (at == std::string_view::npos) return {};
  at += begin.size();
  return std::string(text.substr(at, text.find(end, at) - at));
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Who has sent what has this id.
std::string sender_of(const std::string& id) { return id.substr(0, id.find('#')); }

std::string soft_id(std::string_view xml) { return between(xml, " id='s-", "'"); }
std::string origin_id(std::string_view xml) { return between(between(xml, "<origin-id", "/>"), " id='", "'"); }
bool is_error(std::string_view xml) { return has(xml, " type='error'"); }

}  // namespace

// ---------------------------------------------------------------- to the server

void Device::send(Message& message) {
  outbox_.push_back(&message);
  if (state_ == State::online) transmit(message);
}

void Device::transmit(Message& message) {
  ++message.attempts;
  auto element = xml::Element("message", "jabber:client")
                     .set("type", "chat")
                     .set("to", message.to)
                     .set("id", message.element_id());
  element.add(xml::Element("body").add_text(message.id));
  element.add(xml::Element("origin-id", "urn:xmpp:sid:0").set("id", message.id));
  receive(std::move(element), &message);
  if (state_ == State::online && cluster_.world.random().chance(0.5)) ask_for_ack();
}

void Device::ask_for_ack() {
  if (state_ != State::online || held_) return;
  auto session = session_;
  session->on_ack_request();
}

// RFC 6121 §4.4, §4.5, §4.7.2.3
void Device::show(std::optional<int> priority) {
  if (state_ != State::online) return;
  shown_ = priority;
  auto presence = xml::Element("presence", "jabber:client");
  if (!priority) presence.set("type", "unavailable");
  if (priority && *priority != 0)
    presence.add(xml::Element("priority", "jabber:client").add_text(std::to_string(*priority)));
  receive(std::move(presence), nullptr);
}

void Device::send_soft(const std::string& to, bool is_presence) {
  if (state_ != State::online) return;
  auto id = "s-" + full() + "#" + std::to_string(++ledger_.softs);
  auto stanza = xml::Element(is_presence ? "presence" : "message", "jabber:client").set("to", to).set("id", id);
  if (!is_presence) stanza.set("type", "chat").add(xml::Element("composing", "http://jabber.org/protocol/chatstates"));
  receive(std::move(stanza), nullptr);
}

void Device::set_active(bool active) {
  if (state_ != State::online) return;
  active_ = active;
  session_->set_active(active);
  if (active) nothing_waits("when its client became active");
}

void Device::nothing_waits(const std::string& when) {
  if (softs_.any_waits()) findings_.add("client state: something is still held of " + full() + " " + when);
}

void Device::block(const std::string& peer) { command(true, peer); }

void Device::unblock(const std::string& peer) {
  blocked_.erase(peer);
  command(false, peer);
}

void Device::unblock_all() {
  blocked_.clear();
  command(false, {});
  unblocked_all_ = &ledger_.commands.back();
}

void Device::command(bool block, const std::string& peer) {
  if (state_ != State::online) return;
  auto mark = std::string(kMark) + std::to_string(ledger_.commands.size()) + "@sim";
  ledger_.commands.push_back({account_, peer, mark, block});
  auto payload = xml::Element(block ? "block" : "unblock", "urn:xmpp:blocking");
  if (!peer.empty()) {
    payload.add(xml::Element("item", "urn:xmpp:blocking").set("jid", peer));
    payload.add(xml::Element("item", "urn:xmpp:blocking").set("jid", mark));
  } else {
    ledger_.commands.back().marked = false;
  }
  commands_.push_back(&ledger_.commands.back());
  auto iq = xml::Element("iq", "jabber:client").set("type", "set").set("id", "b-" + mark);
  receive(iq.add(std::move(payload)), nullptr, &ledger_.commands.back());
}

void Device::let_commands_go() {
  for (const auto* command : std::exchange(commands_, {})) murky_.insert(command->peer);
}

// ---------------------------------------------------------------- from the server

bool Device::is_session(const record::SessionRef& ref) const {
  return session_ && state_ != State::starting && record::session_id(ref) == session_->id();
}

void Device::on_edge_message(const record::BusMessage& message, const std::function<void()>& pass) {
  auto session = session_;
  const auto before = session->facts().unacked;
  const bool is_delivery = message.has_deliver() && message.deliver().xml_size() > 0;
  const auto& xml = is_delivery ? message.deliver().xml(0) : message.soft().xml();
  const auto id = is_delivery ? origin_id(xml) : is_error(xml) ? std::string() : soft_id(xml);
  if (is_delivery && !id.empty()) {
    softs_.offered(id);
  } else if (!id.empty()) {
    auto place = xml.substr(0, xml.find(' '));
    if (const auto copy = xml.find("<forwarded"); copy != std::string::npos)
      place += " of " + between(std::string_view(xml).substr(copy), " to='", "'");
    softs_.arrived(id, sender_of(id), place, active_);
  } else if (xml.starts_with("<presence")) {  // what its server sends in somebody's name has no id
    softs_.replaced(between(xml, " from='", "'"), "<presence");
  }
  pass();
  if (session_ != session) return;
  const bool written = session->facts().unacked > before;
  if (is_delivery && !id.empty()) softs_.took(id, written);
  if (written) softs_.let_go();
  if (is_delivery || id.empty() || !softs_.waits(id)) return;
  if (before >= kUnackedMax) return softs_.dropped(id);
  if (state_ != State::online) return;
  if (active_) findings_.add("client state: " + id + " was held of " + full() + ", which is active");
  ++ledger_.softs_held;
}

void Device::on_stanza(std::string_view xml) {
  if (has(xml, "urn:xmpp:mam:2")) return on_archive(xml);
  if (const auto soft = soft_id(xml); !soft.empty()) {
    if (!is_error(xml)) on_soft(soft);
  } else if (xml.starts_with("<message")) {
    on_message_stanza(xml);
  } else if (xml.starts_with("<iq")) {
    const auto id = between(xml, " id='", "'");
    if (id == "carbons" && !is_error(xml)) return on_carbons_enabled();
    if (id.starts_with("b-")) return on_command_answered(id.substr(2), is_error(xml));
    if (!has(xml, "urn:xmpp:ping") || !has(xml, "type='get'")) return;
    receive(xml::Element("iq", "jabber:client").set("type", "result").set("id", id), nullptr);
  }
}

void Device::on_message_stanza(std::string_view xml) {
  const auto id = origin_id(xml);
  if (!id.empty())
    if (auto wrong = softs_.wrote_message(id, sender_of(id)); !wrong.empty())
      findings_.add("client state: " + id + " to " + full() + " " + wrong);
  const bool sent = has(xml, "<sent xmlns='urn:xmpp:carbons:2'>");
  if (sent || has(xml, "<received xmlns='urn:xmpp:carbons:2'>")) return on_carbon(id, sent);
  if (is_error(xml)) return on_refusal(between(xml, " id='m-", "'"), xml);
  on_message(id);
}

void Device::on_soft(const std::string& id) {
  const auto sender = sender_of(id);
  if (auto wrong = softs_.wrote(id, sender); !wrong.empty())
    findings_.add("client state: " + id + " to " + full() + " " + wrong);
  const auto peer = sender.substr(0, sender.find('/'));
  if (ledger_.bus_keeps_order && blocked_.contains(peer))
    findings_.add("blocking: " + id + " came to " + full() + ", which knows that it is blocked");
}

void Device::on_command_answered(const std::string& mark, bool refused) {
  const auto it =
      std::find_if(commands_.begin(), commands_.end(), [&](const Command* one) { return one->mark == mark; });
  if (it == commands_.end()) return;
  auto& command = **it;
  commands_.erase(it);
  command.refused = refused;
  command.answered = true;
  // Not if another one about the same is under way.
  const bool last = std::none_of(commands_.begin(), commands_.end(),
                                 [&](const Command* one) { return one->peer == command.peer || one->peer.empty(); });
  if (command.block && !refused && last && !murky_.contains(command.peer) && !murky_.contains({}))
    blocked_.insert(command.peer);
}

// With resource-constraint (wait), or because its recipient is blocked, nothing was taken: the user gives up on it.
void Device::on_refusal(const std::string& id, std::string_view xml) {
  auto it = messages_.find(id);
  if (it == messages_.end()) return findings_.add("an error for a message that " + full() + " did not send: " + id);
  auto& message = it->second;
  if (has(xml, "<service-unavailable")) {
    message.bounced = true;
    return;
  }
  (has(xml, "urn:xmpp:blocking:errors") ? message.self_blocked : message.refused) = true;
  // Answered with an error while its client was away: `h` of the resumption counts it, and the error comes then.
  message.acked = false;
  std::erase(outbox_, &message);
  for (auto& sent : sent_)
    if (sent.message == &message) sent.message = nullptr;
}

void Device::on_message(const std::string& id) {
  auto it = messages_.find(id);
  if (it == messages_.end()) return;
  auto& message = it->second;
  ++message.received;
  if (!seen_.insert(id).second) findings_.add("no duplicate to a live session: " + id + " came twice to " + full());
  if (message.to == message.to_bare) {
    auto& last = last_sequence_[message.device];
    if (message.sequence <= last)
      findings_.add("per-sender order: " + id + " came to " + full() + " after number " + std::to_string(last));
    last = std::max(last, message.sequence);
  }
}

void Device::read_archive() {
  if (state_ != State::online) return;
  auto set = xml::Element("set", "http://jabber.org/protocol/rsm");
  set.add(xml::Element("max").add_text("10")).add(xml::Element("before"));
  auto iq = xml::Element("iq", "jabber:client").set("type", "set").set("id", "page");
  receive(iq.add(xml::Element("query", "urn:xmpp:mam:2").add(std::move(set))), nullptr);
}

void Device::on_archive(std::string_view xml) {
  if (xml.starts_with("<message")) {
    page_.ids.push_back(between(xml, " id='", "'"));
  } else if (xml.find("<fin") != std::string_view::npos) {
    page_.account = account_;
    page_.first = between(xml, "<first>", "<");
    page_.last = between(xml, "<last>", "<");
    pages.push_back(std::exchange(page_, {}));
  }
}

void Device::enable_carbons() {
  auto iq = xml::Element("iq", "jabber:client").set("type", "set").set("id", "carbons");
  iq.add(xml::Element("enable", "urn:xmpp:carbons:2"));
  receive(std::move(iq), nullptr);
}

void Device::on_carbons_enabled() {
  if (!carbons_since_)
    carbons_since_ = base::Stamp{static_cast<std::uint64_t>(cluster_.world.wall().time_since_epoch().count())};
}

// XEP-0280: once, also beside the message itself; in order; of one's own account; never of what this device has sent.
void Device::on_carbon(const std::string& id, bool sent) {
  auto it = messages_.find(id);
  if (it == messages_.end()) return;
  auto& message = it->second;
  if (!wants_carbons) findings_.add("a carbon that " + full() + " has not asked for: " + id);
  if (sent ? message.from != account_ || message.device == full() : message.to_bare != account_)
    findings_.add("a carbon that is not for " + full() + ": " + id);
  if (!sent) ++message.received;
  if (!seen_.insert(id).second) findings_.add("no duplicate to a live session: the copy of " + id + " to " + full());
  // What is routed again is late by its nature (rule C4); it is copied only to a session that is not available.
  if (message.to != message.to_bare && !sent) return;
  auto& last = last_copied_[message.device];
  if (message.sequence <= last)
    findings_.add("per-sender order: the copy of " + id + " came to " + full() + " after number " +
                  std::to_string(last));
  last = message.sequence;
}

}  // namespace iris::sim
