#include "xmpp/stanza.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "xml/writer.h"
#include "xmpp/ns.h"
#include "xmpp/payload_jids.h"

namespace iris::xmpp {
namespace {

constexpr xml::Scope kClientScope{.default_ns = ns::kClient};

void append_start(std::string& out, const StanzaHead& head) {
  out.append("<").append(to_string(head.kind));
  if (!head.type.empty()) xml::append_attribute(out, "type", head.type);
  if (!head.id.empty()) xml::append_attribute(out, "id", head.id);
  if (!head.from.empty()) xml::append_attribute(out, "from", head.from);
  if (!head.to.empty()) xml::append_attribute(out, "to", head.to);
  if (!head.lang.empty()) xml::append_attribute(out, "xml:lang", head.lang);
}

// RFC 6120 §4.8.3: content is the same in both; inside Iris it is jabber:client.
void as_client(xml::Element& element) {
  if (element.ns != ns::kServer) return;
  element.ns = ns::kClient;
  for (xml::Node& node : element.children) {
    if (auto* child = std::get_if<xml::Element>(&node)) as_client(*child);
  }
}

std::optional<StanzaError> address_error(std::string_view name, const std::optional<std::string_view>& text,
                                         std::optional<Jid>& jid) {
  if (!text) return std::nullopt;
  jid = Jid::parse(*text);
  if (jid) return std::nullopt;
  return StanzaError(StanzaCondition::jid_malformed, std::string(name) + " is not an address");  // RFC 6120 §8.1.1
}

// RFC 6120 §8.2.3
std::optional<StanzaError> iq_error(const Stanza& stanza) {
  if (stanza.id.empty()) return StanzaError(StanzaCondition::bad_request, "an IQ needs an id");
  if (stanza.type != "get" && stanza.type != "set" && stanza.type != "result" && stanza.type != "error") {
    return StanzaError(StanzaCondition::bad_request, "unknown IQ type");
  }
  const std::size_t children = stanza.payload.element_count();
  if (stanza.is_request() && children != 1) {
    return StanzaError(StanzaCondition::bad_request, "a get or set has exactly one child");
  }
  if (stanza.type == "result" && children > 1) {
    return StanzaError(StanzaCondition::bad_request, "a result has at most one child");
  }
  return std::nullopt;
}

// RFC 6121 §4.7.1. A priority that is none breaks the schema, for which RFC 6120 §8.3.3.1 has the same error.
std::optional<StanzaError> presence_error(const Stanza& stanza) {
  constexpr std::array<std::string_view, 8> kTypes = {"",           "error",       "probe",       "subscribe",
                                                      "subscribed", "unavailable", "unsubscribe", "unsubscribed"};
  if (std::ranges::find(kTypes, stanza.type) == kTypes.end())
    return StanzaError(StanzaCondition::bad_request, "unknown presence type");
  if (stanza.type.empty() && !presence_priority(stanza.payload))
    return StanzaError(StanzaCondition::bad_request, "a priority is a number from -128 to 127");
  return std::nullopt;
}

// RFC 6120 §8.3.1: an error is never answered with an error; nor is a result.
bool may_be_answered(const Stanza& stanza) { return stanza.type != "error" && stanza.type != "result"; }

}  // namespace

std::string_view to_string(Kind kind) noexcept {
  switch (kind) {
    case Kind::message: return "message";
    case Kind::presence: return "presence";
    case Kind::iq: return "iq";
  }
  return "message";
}

std::optional<Kind> kind_of(std::string_view element_name) noexcept {
  for (const Kind kind : {Kind::message, Kind::presence, Kind::iq}) {
    if (element_name == to_string(kind)) return kind;
  }
  return std::nullopt;
}

std::string compose(const StanzaHead& head, std::string_view inner, std::string_view extras) {
  std::string out;
  out.reserve(inner.size() + extras.size() + head.id.size() + head.from.size() + head.to.size() + 96);
  append_start(out, head);
  if (inner.empty() && extras.empty()) {
    out += "/>";
  } else {
    out.append(">").append(inner).append(extras).append("</").append(to_string(head.kind)).append(">");
  }
  return out;
}

std::string with_client_namespace(std::string_view composed) {
  const auto name_end = composed.find_first_of(" />");
  IRIS_CHECK(composed.starts_with('<') && name_end != std::string_view::npos);
  std::string out;
  out.reserve(composed.size() + 24);
  out.append(composed.substr(0, name_end)).append(" xmlns='jabber:client'").append(composed.substr(name_end));
  return out;
}

std::string Stanza::inner() const {
  std::string out;
  payload.append_children_to(out, kClientScope);
  return out;
}

xml::Element Stanza::to_element() const {
  xml::Element element(to_string(kind), ns::kClient);
  if (!type.empty()) element.set("type", type);
  if (!id.empty()) element.set("id", id);
  if (from) element.set("from", from->to_string());
  if (to) element.set("to", to->to_string());
  if (!lang.empty()) element.set_lang(lang);
  element.children = payload.children;
  return element;
}

std::string Stanza::to_xml(std::string_view extras) const {
  const StanzaHead head{.kind = kind,
                        .type = type,
                        .id = id,
                        .from = from ? std::string_view(from->to_string()) : std::string_view(),
                        .to = to ? std::string_view(to->to_string()) : std::string_view(),
                        .lang = lang};
  return compose(head, inner(), extras);
}

bool is_stanza(const xml::Element& element) {
  return (element.ns == ns::kClient || element.ns == ns::kServer) && kind_of(element.name).has_value();
}

std::variant<Stanza, StanzaFault> read_stanza(xml::Element element) {
  IRIS_CHECK(is_stanza(element));
  as_client(element);
  Stanza stanza;
  stanza.kind = *kind_of(element.name);
  stanza.type = element.attribute_or("type", "");
  stanza.id = element.attribute_or("id", "");
  stanza.lang = element.attribute("lang", xml::kXmlNamespace).value_or("");
  auto from_error = address_error("from", element.attribute("from"), stanza.from);
  auto error = address_error("to", element.attribute("to"), stanza.to);
  stanza.payload.children = std::move(element.children);
  if (!error) error = std::move(from_error);
  if (!error && stanza.kind == Kind::iq) error = iq_error(stanza);
  if (!error && stanza.kind == Kind::presence) error = presence_error(stanza);
  if (!error) error = prepare_payload_jids(stanza);
  if (!error) return stanza;
  if (!may_be_answered(stanza)) return StanzaFault{*std::move(error), std::nullopt};
  return StanzaFault{*std::move(error), std::move(stanza)};
}

std::variant<Stanza, xml::ParseError> read_stanza(const StanzaHead& head, std::string_view inner) {
  auto parsed = xml::parse_fragment(inner, ns::kClient);
  if (auto* error = std::get_if<xml::ParseError>(&parsed)) return std::move(*error);
  Stanza stanza;
  stanza.kind = head.kind;
  stanza.type = head.type;
  stanza.id = head.id;
  stanza.lang = head.lang;
  stanza.from = Jid::parse(head.from);
  stanza.to = Jid::parse(head.to);
  stanza.payload = std::move(std::get<xml::Element>(parsed));
  return stanza;
}

std::optional<int> presence_priority(const xml::Element& payload) {
  const std::string text = payload.child_text("priority", ns::kClient);
  constexpr std::string_view kSpace = " \t\r\n";
  std::string_view digits = text;
  digits.remove_prefix(std::min(digits.find_first_not_of(kSpace), digits.size()));
  digits = digits.substr(0, digits.find_last_not_of(kSpace) + 1);  // npos + 1 is 0
  if (digits.empty()) return 0;  // <priority/> is what some clients say who mean nothing
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value < -128 || value > 127) return std::nullopt;
  return value;
}

Stanza make_error_reply(const Stanza& stanza, const StanzaError& error) {
  Stanza reply;
  reply.kind = stanza.kind;
  reply.type = "error";
  reply.id = stanza.id;
  reply.from = stanza.to;
  reply.to = stanza.from;
  reply.payload.add(error.to_element());
  return reply;
}

Stanza make_result(const Stanza& request, std::optional<xml::Element> payload) {
  Stanza reply;
  reply.kind = Kind::iq;
  reply.type = "result";
  reply.id = request.id;
  reply.from = request.to;
  reply.to = request.from;
  if (payload) reply.payload.add(*std::move(payload));
  return reply;
}

std::optional<StanzaError> unhandled(Kind kind, std::string_view type) {
  switch (kind) {
    case Kind::iq:
      if (type == "result" || type == "error") return std::nullopt;  // RFC 6120 §8.2.3
      return StanzaError(StanzaCondition::service_unavailable);      // RFC 6120 §8.4
    case Kind::message:
      // RFC 6121 §8.5.3.2.1 and table 1: a headline and an error go silently
      if (type == "error" || type == "headline") return std::nullopt;
      return StanzaError(StanzaCondition::service_unavailable);
    case Kind::presence: return std::nullopt;  // RFC 6121 §8.5.1, §8.5.3.2.2
  }
  return std::nullopt;
}

std::optional<StanzaError> unhandled_at_account(std::string_view type, std::string_view payload_ns) {
  auto error = unhandled(Kind::iq, type);
  if (error && (payload_ns == ns::kPubsub || payload_ns == ns::kPubsubOwner))
    return StanzaError(StanzaCondition::item_not_found);  // XEP-0060 §6.5, §7.1: "the node does not exist"
  return error;
}

std::optional<StanzaError> unhandled(const Stanza& stanza) { return unhandled(stanza.kind, stanza.type); }

}  // namespace iris::xmpp
