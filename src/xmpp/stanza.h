// A stanza as a value: RFC 6120 §8. Two forms: with its payload as elements (Stanza), and the start tag's fields beside
// the children's bytes (StanzaHead + inner), from which a delivery is composed without parsing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "xml/element.h"
#include "xml/push_parser.h"
#include "xmpp/jid.h"
#include "xmpp/stanza_error.h"

namespace iris::xmpp {

enum class Kind : std::uint8_t { message = 0, presence = 1, iq = 2 };  // numbers as in record.proto
std::string_view to_string(Kind kind) noexcept;
std::optional<Kind> kind_of(std::string_view element_name) noexcept;

// The start tag, to be written. Views: they need live only as long as the call. Empty fields are left out.
struct StanzaHead {
  Kind kind{};
  std::string_view type{};
  std::string_view id{};
  std::string_view from{};
  std::string_view to{};
  std::string_view lang{};
};

// `<message …>` inner extras `</message>`, for a place where jabber:client is the default namespace. `inner` and
// `extras` (stanza-id, delay) are bytes serialized for that namespace.
std::string compose(const StanzaHead& head, std::string_view inner, std::string_view extras = {});
// The same stanza for a place where nothing is declared (a WebSocket message, <forwarded/>): RFC 7395 §3.3.3.
std::string with_client_namespace(std::string_view composed);

struct Stanza {
  Kind kind{};
  std::string type;  // as sent; empty when absent. RFC 6121: an absent message type means "normal"
  std::string id;    // empty when absent
  std::optional<Jid> from;
  std::optional<Jid> to;
  std::string lang;
  xml::Element payload{"inner", "jabber:client"};  // its children are the stanza's children

  std::string inner() const;  // the children's bytes, in default namespace jabber:client
  xml::Element to_element() const;
  std::string to_xml(std::string_view extras = {}) const;
  const xml::Element* child(std::string_view name, std::string_view ns) const { return payload.child(name, ns); }
  const xml::Element* first_child() const { return payload.first_child(); }
  bool is_request() const { return kind == Kind::iq && (type == "get" || type == "set"); }
  bool is_answer() const { return kind == Kind::iq && (type == "result" || type == "error"); }
};

// Why an element is not a stanza that can be processed. `reply` is the stanza, as far as it could be read, so that the
// error can be answered by make_error_reply; where a reply would be wrong (an error or a result), there is none.
struct StanzaFault {
  StanzaError error;
  std::optional<Stanza> reply;
};

// Checks RFC 6120 §8: kind, id and type of an IQ, one child of a get or set, addresses, those in payloads too
// (payload_jids.h); RFC 6121 §4.7: type and priority of presence. Elements in jabber:server are read as jabber:client.
// An element that is no stanza at all: unsupported-stanza-type is the caller's (see is_stanza).
bool is_stanza(const xml::Element& element);
std::variant<Stanza, StanzaFault> read_stanza(xml::Element element);
// RFC 6121 §4.7.2.3: of a presence with this payload, 0 when it says none. Nothing if it is not a number from -128 to
// 127.
std::optional<int> presence_priority(const xml::Element& payload);
// From the bytes form. An error means that our own bytes are broken or over the limits.
std::variant<Stanza, xml::ParseError> read_stanza(const StanzaHead& head, std::string_view inner);

// RFC 6120 §8.3.1: from and to change places, same id, type error. The payload is not sent back.
Stanza make_error_reply(const Stanza& stanza, const StanzaError& error);
Stanza make_result(const Stanza& request, std::optional<xml::Element> payload = std::nullopt);

// What becomes of a stanza that nobody took, addressed to something that exists: a reply, or silence.
// RFC 6120 §8.4, RFC 6121 §8.5
std::optional<StanzaError> unhandled(const Stanza& stanza);
std::optional<StanzaError> unhandled(Kind kind, std::string_view type);
// Of an IQ to an account's bare JID, by the namespace of its payload: of the nodes of XEP-0163 there is none.
std::optional<StanzaError> unhandled_at_account(std::string_view type, std::string_view payload_ns);

}  // namespace iris::xmpp
