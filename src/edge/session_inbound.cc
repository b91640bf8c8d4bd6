// What a session's client sends: checked, numbered, appended or passed on.
#include <utility>

#include "base/log.h"
#include "edge/feature.h"
#include "edge/metrics.h"
#include "edge/pack.h"
#include "edge/session.h"
#include "edge/session_timer.h"
#include "record/codec.h"
#include "xmpp/ns.h"
#include "xmpp/stanza_table.h"
#include "xmpp/stream_error.h"

namespace iris::edge {

using base::Errc;
using xmpp::Kind;
using xmpp::Stanza;
using xmpp::StanzaCondition;
using xmpp::StanzaError;
using xmpp::StreamCondition;

void Session::heard() { last_heard_ = context_.loop.clock().steady(); }

void Session::receive(xml::Element element) {
  if (is_over() || client_ == nullptr) return;
  if (!xmpp::is_stanza(element)) return end_stream({StreamCondition::unsupported_stanza_type});
  auto read = xmpp::read_stanza(std::move(element));
  if (auto* fault = std::get_if<xmpp::StanzaFault>(&read)) {
    if (fault->reply) {
      if (!check_from(*fault->reply)) return;
      fault->reply->from = jid_;
      answer_error(*fault->reply, fault->error);
    }
    inbound_.answered();
    return moved();
  }
  auto& stanza = std::get<Stanza>(read);
  if (!check_from(stanza)) return;
  stanza.from = jid_;
  dispatch(std::move(stanza));
  moved();
}

// RFC 6120 §8.1.2.1: what the client says of itself is overridden; somebody else's address is a lie. Another resource
// of the own account is none: Converse.js names the one it would have liked when it resumes after a reload.
bool Session::check_from(const Stanza& stanza) {
  if (!stanza.from || stanza.from->bare() == jid_.bare()) return true;
  end_stream({StreamCondition::invalid_from});
  return false;
}

void Session::dispatch(Stanza stanza) {
  if (stanza.is_answer() && take_pong(stanza)) return inbound_.answered();
  // RFC 3921 §3: clients from before RFC 6120 still ask for a session once they are bound, though it is optional.
  if (stanza.kind == Kind::iq && stanza.type == "set" && stanza.child("session", xmpp::ns::kSession) &&
      (!stanza.to || stanza.to->is_domain())) {
    send(xmpp::make_result(stanza));
    metrics::kStanzasIn.add(1, stanza.kind, metrics::Outcome::answered);
    return inbound_.answered();
  }
  if (stanza.to && stanza.to->domain() != jid_.domain()) {
    // There is no federation: RFC 6120 §10.4.2.
    if (stanza.type != "error" && !stanza.is_answer()) answer_error(stanza, StanzaCondition::remote_server_not_found);
    return inbound_.answered();
  }
  // XEP-0077 §3.2: the server is asked to remove an account, though its example is addressed to nobody.
  const bool registers = !stanza.to && stanza.kind == Kind::iq && stanza.child("query", xmpp::ns::kRegister);
  if (registers || (stanza.to && !stanza.to->has_local())) return to_domain(std::move(stanza));
  const xmpp::Fate fate = xmpp::fate_of(stanza, jid_.bare());
  record::Stanza packed = pack(stanza, fate);
  // Prefixes and character data may say much in few bytes; whoever is sent it gets all of it (RFC 6120 §13.12).
  if (packed.inner().size() > client_->stanza_bytes_max()) {
    answer_error(stanza, StanzaError(StanzaCondition::policy_violation, "too big as it would be passed on"));
    return inbound_.answered();
  }
  if (stanza.is_request() && (!stanza.to || stanza.to->to_string() == account())) remember_request(stanza);
  if (fate.logged) return submit(std::move(packed));
  pass(std::move(packed), xmpp::presence_priority(stanza.payload).value_or(0));
}

// What a request to the account makes of this session, for its next owner to know.
void Session::remember_request(const Stanza& iq) {
  if (iq.type == "get" && iq.child("query", xmpp::ns::kRoster)) interested_ = true;       // RFC 6121 §2.2
  if (iq.type == "get" && iq.child("blocklist", xmpp::ns::kBlocking)) blocklist_ = true;  // XEP-0191 §3.2
  if (iq.type == "set" && iq.child("enable", xmpp::ns::kCarbons)) carbons_ = true;        // XEP-0280 §4, §5
  if (iq.type == "set" && iq.child("disable", xmpp::ns::kCarbons)) carbons_ = false;
}

void Session::to_domain(Stanza stanza) {
  const bool taken = stanza.is_request() && (!stanza.to || stanza.to->is_bare()) && context_.features != nullptr &&
                     context_.features->on_iq(*this, stanza);
  if (!taken)
    if (auto error = xmpp::unhandled(stanza)) answer_error(stanza, *error);
  metrics::kStanzasIn.add(1, stanza.kind, metrics::Outcome::answered);
  inbound_.answered();
}

// ---------------------------------------------------------------- logged

void Session::submit(record::Stanza stanza) {
  auto arrived = context_.loop.clock().steady();
  const std::size_t bytes = stanza.inner().size();
  inbound_.logged(
      [this, stanza = std::move(stanza), arrived](std::uint64_t number, std::uint64_t previous) mutable {
        auto record = new_record();
        auto& submit = *record.mutable_submit();
        *submit.mutable_session() = session_ref(id_);
        submit.set_epoch(epoch_);
        submit.set_number(number);
        submit.set_previous(previous);
        stanza.set_trace(record::trace_of(submit.session(), number));
        record::Stanza head;  // enough to answer an error
        head.set_kind(stanza.kind());
        head.set_type(stanza.type());
        head.set_id(stanza.id());
        head.set_to(stanza.to());
        head.set_trace(stanza.trace());
        *submit.mutable_stanza() = std::move(stanza);
        append(std::move(record),
               [this, epoch = epoch_, number, head = std::move(head), arrived](base::Result<base::Offset> result) {
                 metrics::kAckSeconds.observe(context_.loop.clock().steady() - arrived);
                 appended(epoch, number, head, std::move(result));
               });
      },
      bytes);
}

void Session::appended(std::uint32_t epoch, std::uint64_t number, const record::Stanza& stanza,
                       base::Result<base::Offset> result) {
  if (result) inbound_.wait_for(*result);
  if (epoch != epoch_ || inbound_.abandoned()) return;  // the shard says at the resumption what became of it
  auto verdict = Inbound::Verdict::fine;
  if (result) {
    metrics::kStanzasIn.add(1, stanza.kind(), metrics::Outcome::logged);
    verdict = inbound_.durable(number, *result);
    if (base::log_enabled(base::Level::debug))
      base::log(base::Level::debug, "stanza accepted",
                {{"session", name()}, {"message", record::name_of_message(stanza.trace())}});
  } else if (result.error().code == Errc::overloaded || result.error().code == Errc::no_space) {
    metrics::kStanzasIn.add(1, stanza.kind(), metrics::Outcome::refused);
    Stanza refused{.kind = static_cast<Kind>(stanza.kind()), .type = stanza.type(), .id = stanza.id()};
    refused.from = jid_;
    if (!stanza.to().empty()) refused.to = xmpp::Jid::parse(stanza.to());
    answer_error(refused, StanzaError(StanzaCondition::resource_constraint, xmpp::ErrorType::wait));
    verdict = inbound_.refused(number);
  } else {
    return failed(result.error());
  }
  if (verdict == Inbound::Verdict::broken)
    return failed({Errc::unknown_outcome, "an append went through behind one that was refused"});
  moved();
}

// ---------------------------------------------------------------- soft

// Rule C5: looked at by the session's own shard when its last append is applied.
void Session::pass(record::Stanza stanza, std::int32_t priority) {
  metrics::kStanzasIn.add(1, stanza.kind(), metrics::Outcome::soft);
  inbound_.soft([this, priority, stanza = std::move(stanza)](std::int64_t after) mutable {
    if (stanza.kind() == record::PRESENCE) remember_presence(stanza, priority);
    record::BusMessage message;
    auto& soft = *message.mutable_soft();
    soft.set_kind(stanza.kind());
    *soft.mutable_stanza() = std::move(stanza);
    soft.set_from_client(true);
    soft.set_after_offset(after);
    soft.set_sequence(presence_sequence_);
    const bool presence = message.soft().stanza().kind() == record::PRESENCE;
    to_shard(std::move(message));
    if (presence) confirm_presence_later();
  });
}

// Rule C5: presence that the Bus has lost is told again with a registration.
void Session::confirm_presence_later() {
  if (presence_timer_.value != 0) return;
  later(presence_timer_, context_.options.register_again, [this] {
    if (presence_taken_ < presence_sequence_) register_now();
  });
}

// What a new owner must hear of this session's presence (rule C5): as its shard was told, not sooner.
void Session::remember_presence(const record::Stanza& stanza, std::int32_t priority) {
  ++presence_sequence_;
  const bool available = stanza.type().empty();
  if (!available && stanza.type() != "unavailable") return;
  if (!stanza.to().empty()) {
    if (!available)
      directed_.erase(stanza.to());
    else if (directed_.size() < context_.options.directed_max || directed_.contains(stanza.to()))
      directed_.insert(stanza.to());
    return;
  }
  available_ = available;
  if (!available) return directed_.clear();  // RFC 6121 §4.6.3: the broadcast reaches them too
  priority_ = priority;
  was_entitled_ = was_entitled_ || priority >= 0;
  presence_ = stanza;
}

// ---------------------------------------------------------------- answers

void Session::answer_error(const Stanza& stanza, const StanzaError& error) {
  if (stanza.type == "error" || stanza.is_answer()) return;  // RFC 6120 §8.3.1: never an error for an error
  Stanza reply = xmpp::make_error_reply(stanza, error);
  if (!reply.from) reply.from = jid_.bare();
  send(reply);
}

void Session::send(const Stanza& stanza) {
  if (is_over()) return;
  metrics::count_error(stanza);
  // An error comes in the name of somebody whose presence may be held; an answer of the domain does not.
  if (stanza.kind != Kind::iq) release_held();
  write(stanza.to_xml(), std::nullopt);
}

void Session::moved() {
  if (state_ == State::ending) return finish_if_quiet();
  if (client_ == nullptr) return;
  const std::size_t limit = context_.options.inbound_max, bytes_max = context_.options.inbound_bytes_max;
  const bool hold = input_held_ ? inbound_.open() > limit / 2 || inbound_.bytes() > bytes_max / 2
                                : inbound_.open() >= limit || inbound_.bytes() >= bytes_max;
  if (hold != input_held_) client_->hold_input(input_held_ = hold);
  if (ack_due_ && inbound_.handled() >= ack_due_for_) answer_ack();
}

// ---------------------------------------------------------------- stream management, inbound

void Session::enable(bool resumable, std::optional<base::Duration> wait) {
  managed_ = true;
  if (wait) resume_wait_ = std::min(*wait, resume_wait_);
  resumable_ = resumable;
  enabled_at_ = inbound_.received();
}

std::uint32_t Session::h() const {
  const std::uint64_t handled = inbound_.handled();
  return handled < enabled_at_ ? 0 : static_cast<std::uint32_t>(handled - enabled_at_);
}

// XEP-0198 §4: answered at once if all is durable, else after a short wait; when more becomes durable, again, unasked.
void Session::on_ack_request() {
  if (client_ == nullptr || !managed_) return;
  ack_due_ = true;
  ack_due_for_ = inbound_.received();
  if (inbound_.handled() >= ack_due_for_) return answer_ack();
  if (ack_timer_.value == 0) later(ack_timer_, context_.options.ack_answer_wait, [this] { answer_ack(); });
}

void Session::answer_ack() {
  stop(ack_timer_);
  last_h_sent_ = h();
  client_->send_ack(last_h_sent_);
  ack_due_ = inbound_.handled() < ack_due_for_;
}

}  // namespace iris::edge
