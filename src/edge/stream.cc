// Framing, opening and closing of a stream; what is said in between is in stream_negotiation.cc.
#include "edge/stream.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "base/hex.h"
#include "base/log.h"
#include "edge/edge.h"
#include "edge/feature.h"
#include "edge/metrics.h"
#include "record/codec.h"
#include "record/session.h"
#include "xml/writer.h"
#include "xmpp/ns.h"

namespace iris::edge {

namespace ns = xmpp::ns;
using xmpp::StreamCondition;

namespace {

constexpr std::string_view kCloseMessage = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";

// Of those who have logged in.
xml::ParserLimits parser_limits(const Options& options, std::size_t stanza_bytes_max) {
  xml::ParserLimits limits;
  limits.stanza_bytes_max = stanza_bytes_max;
  limits.depth_max = options.depth_max;
  limits.attributes_max = options.attributes_max;
  limits.tree_bytes_max = 2 * stanza_bytes_max;
  return limits;
}

// A form to register has the most elements.
xml::ParserLimits stranger_limits(const Options& options, std::size_t stanza_bytes_max) {
  xml::ParserLimits limits = parser_limits(options, stanza_bytes_max);
  limits.children_max = 256;
  limits.tree_bytes_max = options.negotiation_bytes_max;
  return limits;
}

constexpr std::size_t kMessageRoom = 4096;  // beyond a stanza, so that a message somewhat too long is answered as XMPP

// RFC 5646: letters, digits, hyphens. Empty: none, or nonsense.
std::string language(const xml::Element& header) {
  const auto lang = header.attribute("lang", xml::kXmlNamespace).value_or("");
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; };
  return lang.size() <= 35 && std::all_of(lang.begin(), lang.end(), allowed) ? std::string(lang) : std::string();
}

// `<name` … with the declaration of the stream prefix behind it: what RFC 7395 shows, and scripts look for by that
// name.
std::string with_stream_prefix(std::string xml) {
  const auto at = xml.find_first_of(" />");
  return xml.insert(at, " xmlns:stream='" + std::string(ns::kStream) + "'");
}

}  // namespace

Stream::Stream(Edge& edge, std::shared_ptr<Transport> transport)
    : edge_(&edge),
      transport_(std::move(transport)),
      stanza_bytes_max_(edge.options().stanza_bytes_max),
      negotiation_(std::make_unique<Negotiation>(*this)),
      bucket_(edge.options().stanzas_per_second, edge.options().stanzas_burst) {
  if (transport_->framing() == Framing::stream)
    parser_ = std::make_unique<xml::PushParser>(*this, stranger_limits(options(), stanza_bytes_max_));
  else
    transport_->set_message_max(options().negotiation_bytes_max);  // of a stranger no more than that is kept
  metrics::kStreams.add(1);
}

Stream::~Stream() { metrics::kStreams.add(-1); }

std::string Stream::session_name() const {
  return session_id_.number == 0 ? "none" : record::name_of(record::session_ref(session_id_));
}

const Options& Stream::options() const { return edge_->options(); }

void Stream::start() {
  deadline_ = edge_->wiring().loop.after(options().negotiation_timeout, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->fail({StreamCondition::connection_timeout, "the login took too long"});
  });
}

bool Stream::is_private() const { return is_encrypted() || options().allow_plaintext; }

bool Stream::may_log_in() const {
  return is_private() || (transport_->framing() == Framing::messages && peer().is_loopback());
}

// ---------------------------------------------------------------- bytes in

void Stream::trust_parser() {
  if (parser_) parser_->set_limits(parser_limits(options(), stanza_bytes_max_));
  // The parser behind has the sharper limit, and the better words for it.
  if (transport_) transport_->set_message_max(stanza_bytes_max_ + kMessageRoom);
}

bool Stream::count_negotiation_bytes(std::size_t bytes) {
  if (session_) {
    session_->heard();
    return true;
  }
  negotiation_->bytes += bytes;
  if (negotiation_->bytes <= options().negotiation_bytes_max) return true;
  fail({StreamCondition::policy_violation, "too many bytes before the login is complete"});
  return false;
}

void Stream::on_bytes(std::string_view bytes) {
  if (!is_open() || !count_negotiation_bytes(bytes.size())) return;
  if (stage_ == Stage::tls) return;  // RFC 6120 §5.4.3.3: bytes behind <starttls/> are not of the encrypted stream
  heard_ = true;
  if (!std::exchange(warm_, true)) edge_->warm(*this);
  if (auto error = parser_->feed(bytes)) fail(xmpp::to_stream_error(*error));
}

// RFC 7395 §3.3: one message, one element.
void Stream::on_message(std::string_view message) {
  if (!is_open() || !count_negotiation_bytes(message.size())) return;
  const auto limits_of = account_ ? parser_limits : stranger_limits;
  auto parsed = xml::parse_document(message, limits_of(options(), stanza_bytes_max_));
  if (auto* error = std::get_if<xml::ParseError>(&parsed)) return fail(xmpp::to_stream_error(*error));
  auto& element = std::get<xml::Element>(parsed);
  if (element.is("open", ns::kFraming)) return open(element);
  if (element.is("close", ns::kFraming)) return on_stream_close();
  if (element.name == "open" || element.name == "close") return fail({StreamCondition::invalid_namespace});  // §3.3.2
  if (stage_ == Stage::header) return fail({StreamCondition::bad_format, "expected <open/>"});
  on_stanza(std::move(element), message.size());
}

void Stream::on_stream_open(xml::Element header, std::string_view default_ns) {
  if (header.ns != ns::kStream || default_ns != ns::kClient)
    return fail({StreamCondition::invalid_namespace});  // RFC 6120 §4.9.3.10
  if (header.name != "stream") return fail({StreamCondition::bad_format, "expected <stream:stream>"});
  open(header);
}

void Stream::on_stanza(xml::Element&& stanza, std::size_t) {
  if (!is_open() || stage_ == Stage::tls) return;
  if (busy_ || !waiting_.empty()) return waiting_.push_back(std::move(stanza));
  handle(std::move(stanza));
}

void Stream::on_stream_close() {
  if (!is_open()) return;
  // RFC 6120 §4.4, XEP-0198 §5: closed in order means that nobody will resume.
  const auto session = std::exchange(session_, nullptr);
  close();
  if (session) session->end("the client closed the stream");
}

// ---------------------------------------------------------------- opening

// RFC 6120 §4.7
void Stream::open(const xml::Element& header) {
  if (stage_ != Stage::header) return fail({StreamCondition::bad_format, "the stream is open already"});
  negotiation_->peer_from = header.attribute_or("from", "");
  const auto to = header.attribute("to");
  if (!to || to->empty()) return fail({StreamCondition::improper_addressing, "the header lacks 'to'"});
  const auto domain = xmpp::Jid::parse(*to);
  if (!domain || domain->to_string() != options().domain) return fail({StreamCondition::host_unknown});
  const std::string_view version = header.attribute_or("version", "");
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (major < 1) return fail({StreamCondition::unsupported_version});
  if (const auto from = xmpp::Jid::parse(negotiation_->peer_from); account_ && from && from->bare() != *account_)
    return fail({StreamCondition::invalid_from});  // §4.7.1
  if (edge_->is_shutting_down()) return fail({StreamCondition::system_shutdown});
  lang_ = language(header);
  send_header();
  stage_ = Stage::negotiate;
  send_features();
}

void Stream::send_header() {
  header_sent_ = true;
  std::string id;
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t word = edge_->wiring().loop.random().next();
    id += base::to_hex({reinterpret_cast<const char*>(&word), sizeof word});  // §4.7.3: unpredictable
  }
  std::string out;
  if (transport_->framing() == Framing::stream) {
    out = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";
  } else {
    out = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'";
  }
  xml::append_attribute(out, "id", id);
  xml::append_attribute(out, "from", options().domain);
  if (negotiation_ && xmpp::Jid::parse(negotiation_->peer_from))
    xml::append_attribute(out, "to", negotiation_->peer_from);
  out += " version='1.0' xml:lang='en'";
  out += transport_->framing() == Framing::stream ? ">" : "/>";
  write(std::move(out));
}

void Stream::send_features() {
  xml::Element features("features", ns::kStream);
  if (!account_) {
    if (transport_->can_start_tls()) {
      xml::Element starttls("starttls", ns::kTls);
      if (!options().allow_plaintext) starttls.add(xml::Element("required"));
      features.add(std::move(starttls));
    }
    Sasl::advertise(*this, features);
  } else {
    features.add(xml::Element("bind", ns::kBind));
    features.add(xml::Element("session", ns::kSession).add(xml::Element("optional")));  // RFC 3921 clients
  }
  edge_->features().advertise(*this, features);
  send(features);
}

// ---------------------------------------------------------------- out

void Stream::write(std::string bytes) {
  if (transport_) transport_->send(std::move(bytes));
}

void Stream::send(const xml::Element& element) {
  std::string out;
  const bool messages = transport_ && transport_->framing() == Framing::messages;
  element.append_to(out, {messages ? std::string_view{} : ns::kClient, true});
  if (messages && element.ns == ns::kStream) out = with_stream_prefix(std::move(out));
  write(std::move(out));
}

void Stream::send(const xmpp::Stanza& stanza) {
  metrics::count_error(stanza);
  send_stanza(stanza.to_xml());
}

void Stream::send_stanza(std::string_view xml) {
  if (!transport_) return;
  write(transport_->framing() == Framing::messages ? xmpp::with_client_namespace(xml) : std::string(xml));
}

void Stream::send_ack(std::uint32_t h) { write("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(h) + "'/>"); }
void Stream::request_ack() { write("<r xmlns='urn:xmpp:sm:3'/>"); }
std::string Stream::peer_name() const {
  if (!transport_) return {};
  return peer().to_string() + (transport_->framing() == Framing::messages ? ", WebSocket" : "") +
         (is_encrypted() ? ", TLS" : "");
}
std::size_t Stream::output_bytes() const { return transport_ ? transport_->output_bytes() : 0; }
bool Stream::is_congested() const { return transport_ && transport_->is_congested(); }

void Stream::hold_input(bool hold) {
  held_by_session_ = hold;
  update_hold();
}

void Stream::update_hold() {
  if (is_open()) transport_->hold_input(busy_ || held_by_session_ || held_by_pace_);
}

// A stanza was taken: is it time to read no more for a while?
void Stream::pace() {
  auto& loop = edge_->wiring().loop;
  const base::Duration wait = bucket_.owe(loop.clock().steady());
  if (wait.count() == 0 || held_by_pace_) return;
  held_by_pace_ = true;
  update_hold();
  go_on_after(wait);
}

// What came in the same read has made the debt larger meanwhile.
void Stream::go_on_after(base::Duration wait) {
  pace_timer_ = edge_->wiring().loop.after(wait, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self) return;
    const base::Duration more = self->bucket_.owed(self->edge_->wiring().loop.clock().steady());
    if (more.count() > 0) return self->go_on_after(more);
    self->held_by_pace_ = false;
    self->update_hold();
  });
}

// ---------------------------------------------------------------- closing

void Stream::fail(xmpp::StreamError error, const xml::Element* detail) {
  if (!is_open()) return;
  metrics::kStreamErrors.add(1, error.condition);
  base::log(base::Level::info, "stream error",
            {{"session", session_name()},
             {"peer", peer().to_string()},
             {"condition", xmpp::to_string(error.condition)},
             {"text", error.text}});
  if (!header_sent_) send_header();  // RFC 6120 §4.9.1.2
  xml::Element element = error.to_element();
  if (detail) element.add(*detail);
  send(element);
  const auto session = std::exchange(session_, nullptr);
  close();  // first: a session that is being bound says that it has failed
  if (session) session->detach();
}

void Stream::end(const xmpp::StreamError& error, const xml::Element* detail) {
  session_ = nullptr;  // it calls no more, and knows
  fail(error, detail);
}

void Stream::close() {
  if (!is_open()) return;
  const bool messages = transport_->framing() == Framing::messages;
  if (header_sent_) write(messages ? std::string(kCloseMessage) : "</stream:stream>");
  stage_ = Stage::closed;
  if (parser_) parser_->stop();
  waiting_.clear();
  transport_->close();
}

void Stream::shut_down() {
  auto session = std::exchange(session_, nullptr);
  fail({StreamCondition::system_shutdown});
  // No resumption after a restart: its shard routes again what was not acked, and the client gets its `h` (XEP-0198
  // §5).
  if (session) session->end("the server shuts down");
}

void Stream::on_closed(std::string_view reason) {
  base::log(base::Level::debug, "connection closed", {{"session", session_name()}, {"reason", reason}});
  edge_->wiring().loop.cancel(std::exchange(deadline_, {}));
  edge_->wiring().loop.cancel(std::exchange(pace_timer_, {}));
  if (parser_) parser_->stop();
  stage_ = Stage::closed;
  waiting_.clear();
  if (auto session = std::exchange(session_, nullptr)) session->detach();
  edge_->remove(*this);
  transport_.reset();
}

void Stream::on_drained() {
  if (session_) session_->drained();
}

bool Stream::cool_down() {
  if (std::exchange(heard_, false) || !(parser_->is_released() || parser_->release_if_idle())) return false;
  warm_ = false;
  return true;
}

}  // namespace iris::edge
