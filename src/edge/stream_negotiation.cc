// What is said on a stream until it is bound: STARTTLS, SASL, bind (RFC 6120 §5 to §7), and who gets what comes later.
#include <utility>

#include "base/hex.h"
#include "base/log.h"
#include "edge/edge.h"
#include "edge/feature.h"
#include "edge/metrics.h"
#include "edge/stream.h"
#include "xmpp/ns.h"

namespace iris::edge {

namespace ns = xmpp::ns;
using xmpp::Stanza;
using xmpp::StanzaCondition;
using xmpp::StanzaError;
using xmpp::StreamCondition;

void Stream::set_busy(bool busy) {
  busy_ = busy;
  update_hold();
  if (!busy) go_on();
}

// What was read while the answer to an earlier element was made.
void Stream::go_on() {
  if (handling_) return;
  handling_ = true;
  while (is_open() && !busy_ && !waiting_.empty()) {
    auto element = std::move(waiting_.front());
    waiting_.pop_front();
    handle(std::move(element));
  }
  handling_ = false;
}

void Stream::handle(xml::Element element) {
  auto self = shared_from_this();
  if (session_ && xmpp::is_stanza(element)) {
    // RFC 6120 §8.1.5
    if (!lang_.empty() && !element.attribute("lang", xml::kXmlNamespace)) element.set_lang(lang_);
    pace();
    return session_->receive(std::move(element));
  }
  if (!account_ && element.ns == ns::kTls && start_tls(element)) return;
  if (!account_ && element.ns == ns::kSasl) return negotiation_->sasl.on_element(element);
  if (!xmpp::is_stanza(element)) {
    if (!edge_->features().on_element(*this, element)) fail({StreamCondition::unsupported_stanza_type});
    return;
  }
  early_stanza(std::move(element));
}

// RFC 6120 §5.4
bool Stream::start_tls(const xml::Element& element) {
  if (element.name != "starttls") return false;
  if (!transport_->can_start_tls()) {
    send(xml::Element("failure", ns::kTls));  // §5.4.2.2: failure ends the stream
    close();
    return true;
  }
  send(xml::Element("proceed", ns::kTls));
  stage_ = Stage::tls;
  // What the client sent behind <starttls/> was not protected and is dropped (§5.4.3.3).
  waiting_.clear();
  parser_->reset(xml::Rest::drop);
  transport_->start_tls();
  return true;
}

void Stream::on_tls() {
  if (stage_ != Stage::tls) return;  // a listener with direct TLS
  header_sent_ = false;
  stage_ = Stage::header;
  negotiation_->channel_binding.reset();
}

const xmpp::ChannelBinding& Stream::channel_binding() const {
  auto& known = negotiation_->channel_binding;
  if (!known) known = transport_->channel_binding();
  return *known;
}

void Stream::authenticated(xmpp::Jid account) {
  account_ = std::move(account);
  stage_ = Stage::header;  // RFC 6120 §6.4.6: the client opens a new stream
  header_sent_ = false;
  waiting_.clear();
  if (parser_) parser_->reset(xml::Rest::keep);
  trust_parser();
}

// A stanza before the stream is bound.
void Stream::early_stanza(xml::Element element) {
  auto read = xmpp::read_stanza(std::move(element));
  if (auto* fault = std::get_if<xmpp::StanzaFault>(&read)) {
    if (!fault->reply) return fail({StreamCondition::not_authorized});
    return send(xmpp::make_error_reply(*fault->reply, fault->error));
  }
  const auto& stanza = std::get<Stanza>(read);
  if (account_ && stanza.kind == xmpp::Kind::iq && stanza.type == "set") {
    if (stanza.child("bind", ns::kBind)) return bind(stanza);
    if (stanza.child("session", ns::kSession)) return send(xmpp::make_result(stanza));
  }
  if (stanza.is_request() && edge_->features().on_early_iq(*this, stanza)) return;
  fail({StreamCondition::not_authorized});  // RFC 6120 §4.9.3.12
}

// RFC 6120 §7.6, §7.7
void Stream::bind(const Stanza& iq) {
  std::string wanted = iq.child("bind", ns::kBind)->child_text("resource", ns::kBind);
  if (wanted.empty()) {
    const std::uint64_t random = edge_->wiring().loop.random().next();
    wanted = base::to_hex({reinterpret_cast<const char*>(&random), sizeof random});
  }
  auto jid = account_->with_resource(wanted);
  if (!jid) return send(xmpp::make_error_reply(iq, StanzaCondition::bad_request));
  auto session = edge_->sessions().create(*std::move(jid));
  if (!session)
    return send(xmpp::make_error_reply(iq, StanzaError(StanzaCondition::resource_constraint, xmpp::ErrorType::wait)));
  session_ = session;
  session_id_ = session->id();
  set_busy(true);
  Stanza request{.kind = iq.kind, .type = iq.type, .id = iq.id};
  session->start([weak = weak_from_this(), session, request = std::move(request)](base::Status status) {
    auto self = weak.lock();
    if (self && self->is_open()) return self->bound(request, std::move(status));
    if (status) session->end("the client left before it was bound");
  });
}

void Stream::bound(const Stanza& iq, base::Status status) {
  if (!status) {
    session_ = nullptr;
    const auto code = status.error().code;
    if (code != base::Errc::overloaded && code != base::Errc::no_space)
      return fail({StreamCondition::internal_server_error, "the session could not be started"});
    send(xmpp::make_error_reply(iq, StanzaError(StanzaCondition::resource_constraint, xmpp::ErrorType::wait)));
    return set_busy(false);
  }
  stage_ = Stage::bound;
  negotiation_ = nullptr;
  edge_->wiring().loop.cancel(std::exchange(deadline_, {}));
  send(xmpp::make_result(
      iq, xml::Element("bind", ns::kBind).add(xml::Element("jid").add_text(session_->jid().to_string()))));
  session_->attach(shared_from_this());
  set_busy(false);
}

// The session is on this loop, and this stream is idle but for the answer to <resume/>.
void Stream::resumed(std::shared_ptr<Session> session, std::uint32_t client_h) {
  stage_ = Stage::bound;
  negotiation_ = nullptr;
  edge_->wiring().loop.cancel(std::exchange(deadline_, {}));
  session_ = std::move(session);
  session_id_ = session_->id();
  session_->continue_with(shared_from_this(), client_h);
}

void Stream::move_to(Edge& edge, base::Callback<void()> there) {
  // Not from inside on_bytes(): nobody may touch the stream on this loop once it is on its way.
  edge_->wiring().loop.post([self = shared_from_this(), &edge, there = std::move(there)]() mutable {
    if (!self->is_open()) return;
    Edge& here = *self->edge_;
    here.wiring().loop.cancel(std::exchange(self->deadline_, {}));
    here.wiring().loop.cancel(std::exchange(self->pace_timer_, {}));
    here.remove(*self);
    auto& transport = *self->transport_;
    transport.move_to(edge.wiring().loop, [self, &edge, there = std::move(there)]() mutable {
      self->edge_ = &edge;
      edge.add(self);
      if (self->warm_) edge.warm(*self);
      self->start();
      there();
    });
  });
}

}  // namespace iris::edge
