#include "load/client.h"

#include <charconv>

#include "load/key_cache.h"
#include "xmpp/base64.h"

namespace iris::load {
namespace {

constexpr std::string_view kSasl = "urn:ietf:params:xml:ns:xmpp-sasl";
constexpr std::string_view kFraming = "urn:ietf:params:xml:ns:xmpp-framing";

std::uint32_t number_in(std::string_view text) {
  std::uint32_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// The name of the first element inside, which in <failure/> and <stream:error/> is the condition.
std::string condition_of(std::string_view element) {
  const std::size_t at = element.find('<', 1);
  return at == std::string_view::npos ? std::string(element_name(element))
                                      : std::string(element_name(element.substr(at)));
}

bool offers(std::string_view features, std::string_view mechanism) {
  return features.find(">" + std::string(mechanism) + "<") != std::string_view::npos;
}

}  // namespace

Client::Client(Loop& loop, const Target& target, std::uint32_t account, std::uint32_t number)
    : target_(target),
      wire_(loop, *this),
      scanner_(is_websocket(target.transport) ? 0 : 1),
      account_(account),
      number_(number) {}

void Client::login(const Wishes& wishes, bool resume) {
  wishes_ = wishes;
  resume_ = resume && !resume_id_.empty();
  resumed_ = secured_ = false;
  if (!resume_) managed_ = false;
  scanner_.reset();
  websocket_.reset();
  step_ = Step::connecting;
  login_began_ = now();
  wire_.connect(target_, number_);
}

void Client::send(std::string_view stanza) {
  ++sent_;
  send_uncounted(stanza);
}

void Client::send_uncounted(std::string_view element) {
  if (!websocket_) return wire_.send(element);
  const std::string_view name = element_name(element);
  std::string frame;
  if (name == "message" || name == "presence" || name == "iq") {
    // RFC 7395 §3.3.3: no root says it for all of them.
    std::string stanza = "<" + std::string(name) + " xmlns='jabber:client'";
    stanza += element.substr(1 + name.size());
    append_text_frame(frame, stanza);
  } else {
    append_text_frame(frame, element);
  }
  wire_.send(frame);
}

void Client::close() {
  if (step_ == Step::ready) {
    // XEP-0198 §6: what was received is not to come again.
    if (managed_) send_uncounted("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(received_) + "'/>");
    send_uncounted(websocket_ ? "<close xmlns='" + std::string(kFraming) + "'/>" : "</stream:stream>");
  }
  step_ = Step::down;
  resume_id_.clear();
  wire_.close();
}

void Client::cut() {
  step_ = Step::down;
  wire_.cut();
}

void Client::on_connected() {
  if (target_.transport == Transport::tls) return wire_.secure(*target_.tls, wishes_.tls_resumption, "xmpp-client");
  if (target_.transport == Transport::wss) return wire_.secure(*target_.tls, wishes_.tls_resumption, "http/1.1");
  if (target_.transport == Transport::ws) return upgrade();
  open_stream();
}

void Client::on_secured() {
  secured_ = true;
  if (target_.transport == Transport::wss) return upgrade();
  open_stream();
}

void Client::upgrade() {
  step_ = Step::upgrading;
  websocket_ = std::make_unique<WebSocketReader>();
  wire_.send(websocket_request(target_.domain, target_.path));
}

void Client::on_wire_down(std::string_view why) { fail(why); }

void Client::fail(std::string_view why) {
  if (step_ == Step::down) return;
  was_ready_ = step_ == Step::ready;
  step_ = Step::down;
  const std::string reason(why);  // it may point into what cut() frees
  wire_.cut();
  if (user_ != nullptr) user_->on_down(*this, reason);
}

void Client::open_stream() {
  if (step_ == Step::connecting || step_ == Step::starting_tls || step_ == Step::upgrading) step_ = Step::features;
  if (websocket_)
    return send_uncounted("<open xmlns='" + std::string(kFraming) + "' version='1.0' to='" + target_.domain + "'/>");
  scanner_.restart();
  wire_.send(
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
      "version='1.0' to='" +
      target_.domain + "'>");
}

void Client::on_bytes(std::string_view bytes) {
  if (websocket_) return on_websocket_bytes(bytes);
  scan(bytes);
}

void Client::scan(std::string_view bytes) {
  const bool good = scanner_.feed(bytes, [this](Scanner::Piece kind, std::string_view text) { take(kind, text); });
  if (!good) fail("what the server sent is no XML, or a stanza is too large");
}

void Client::on_websocket_bytes(std::string_view bytes) {
  std::string_view payload;
  while (step_ != Step::down) {
    switch (websocket_->next(bytes, payload)) {
      case WebSocketReader::Event::none: return;
      case WebSocketReader::Event::upgraded: open_stream(); break;
      case WebSocketReader::Event::text: scan(payload); break;
      case WebSocketReader::Event::ping: wire_.send(pong_frame(payload)); break;
      case WebSocketReader::Event::closed: return fail("the server closed the WebSocket");
      case WebSocketReader::Event::broken: return fail("the server refused the WebSocket, or sent none");
    }
  }
}

void Client::take(Scanner::Piece kind, std::string_view text) {
  if (step_ == Step::down || kind == Scanner::Piece::open) return;
  const std::string_view name = element_name(text);
  // RFC 7395 §3.3.2, §3.4: what on a socket is a tag of the root.
  if (websocket_ && name == "open") return;
  if (kind == Scanner::Piece::close || (websocket_ && name == "close")) return fail("the server closed the stream");
  if (step_ >= Step::presence) return handle(name, text);
  negotiate(name, text);
}

void Client::negotiate(std::string_view name, std::string_view text) {
  if (name == "stream:error") return fail(condition_of(text));
  switch (step_) {
    case Step::features: return start_login(text);
    case Step::starting_tls:
      if (name != "proceed") return fail("STARTTLS refused");
      return wire_.secure(*target_.tls, wishes_.tls_resumption, "");
    case Step::authenticating: return authenticate(name, text);
    case Step::features_again: return after_login(text);
    case Step::resuming:
      if (name != "resumed") {
        managed_ = false;
        return bind();
      }
      resumed_ = true;
      return become_ready();
    case Step::binding:
      if (name == "iq") bound(text);
      return;
    case Step::enabling:
      if (name == "failed") return announce();
      if (name != "enabled") return;
      managed_ = true;
      received_ = 0;
      resume_id_ = attribute(text, "id");
      return announce();
    default: return;
  }
}

void Client::start_login(std::string_view features) {
  if (target_.transport == Transport::starttls && !secured_) {
    if (!has_tag(features, "starttls")) return fail("the server offers no STARTTLS");
    step_ = Step::starting_tls;
    return send_uncounted("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  }
  step_ = Step::authenticating;
  std::string mechanism = target_.mechanism;
  for (const char* known : {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"})
    if (mechanism.empty() && offers(features, known)) mechanism = known;
  if (mechanism.empty() || !offers(features, mechanism))
    return fail("the server offers none of our mechanisms" + (mechanism.empty() ? "" : ": " + mechanism));
  const std::string user = target_.user(account_);
  std::string first;
  if (mechanism == "PLAIN") {
    first = std::string(1, '\0') + user + std::string(1, '\0') + target_.password;
  } else {
    const auto hash = mechanism == "SCRAM-SHA-1" ? ScramHash::sha1 : ScramHash::sha256;
    // Nobody listens in on a benchmark: unique is enough.
    const std::string nonce = "bench" + std::to_string(login_began_) + "x" + std::to_string(number_);
    scram_ = std::make_unique<ScramClient>(hash, user, nonce);
    first = scram_->first();
  }
  send_uncounted("<auth xmlns='" + std::string(kSasl) + "' mechanism='" + mechanism + "'>" +
                 xmpp::base64_encode(first) + "</auth>");
}

void Client::authenticate(std::string_view name, std::string_view text) {
  if (name == "failure") return fail(condition_of(text));
  const auto message = xmpp::base64_decode(child_text(text, name));
  if (name == "challenge" && scram_ && message) {
    const auto final = scram_->final(*message, target_.password, *target_.keys);
    if (!final) return fail("the server's challenge makes no sense");
    return send_uncounted("<response xmlns='" + std::string(kSasl) + "'>" + xmpp::base64_encode(*final) +
                          "</response>");
  }
  if (name != "success") return fail("unexpected <" + std::string(name) + "/> while logging in");
  if (scram_ && !(message && scram_->good(*message))) return fail("the server does not know the password's keys");
  scram_.reset();
  step_ = Step::features_again;
  open_stream();
}

void Client::after_login(std::string_view features) {
  if (wishes_.stream_management && features.find("urn:xmpp:sm:3") == std::string_view::npos)
    return fail("the server offers no stream management (XEP-0198)");
  if (!resume_) return bind();
  step_ = Step::resuming;
  send_uncounted("<resume xmlns='urn:xmpp:sm:3' h='" + std::to_string(received_) + "' previd='" + resume_id_ + "'/>");
}

void Client::bind() {
  step_ = Step::binding;
  send_uncounted(
      "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind></iq>");
}

void Client::bound(std::string_view iq) {
  if (attribute(iq, "type") != "result") return fail("the server bound no resource");
  jid_ = child_text(iq, "jid");
  resume_id_.clear();
  sent_ = received_ = 0;
  if (wishes_.stream_management) return enable();
  announce();
}

void Client::enable() {
  step_ = Step::enabling;
  send_uncounted(wishes_.resumption ? "<enable xmlns='urn:xmpp:sm:3' resume='true'/>"
                                    : "<enable xmlns='urn:xmpp:sm:3'/>");
}

void Client::announce() {
  if (!wishes_.presence) return become_ready();
  step_ = Step::presence;
  send("<presence/>");
}

void Client::become_ready() {
  step_ = Step::ready;
  if (user_ != nullptr) user_->on_ready(*this);
}

void Client::handle(std::string_view name, std::string_view stanza) {
  if (name == "r") return send_uncounted("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(received_) + "'/>");
  if (name == "a") {
    if (user_ != nullptr) user_->on_acked(*this, number_in(attribute(stanza, "h")));
    return;
  }
  if (name == "stream:error") return fail(condition_of(stanza));
  ++received_;
  if (step_ == Step::presence) {
    // RFC 6121 §4.2.2: it comes back to the resource that sent it, so the server has handled it.
    if (name == "presence" && attribute(stanza, "from") == jid_) return become_ready();
  }
  if (name == "iq") {
    const std::string_view type = attribute(stanza, "type");
    if (type == "get" || type == "set") answer(stanza);
  }
  if (user_ != nullptr) user_->on_stanza(*this, name, stanza);
}

// Pings and roster pushes want no more; whatever else is asked, a benchmark has nothing to say to it.
void Client::answer(std::string_view iq) {
  std::string out = "<iq type='result' id='";
  out += attribute(iq, "id");
  const std::string_view from = attribute(iq, "from");
  if (!from.empty()) {
    out += "' to='";
    out += from;
  }
  out += "'/>";
  send(out);
}

}  // namespace iris::load
