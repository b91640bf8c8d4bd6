#include "edge/held.h"

#include <variant>

#include "xml/push_parser.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

namespace ns = xmpp::ns;

// XEP-0085 §5.2: a notification alone; beside it what says nothing to a reader.
bool is_chat_state_only(const xml::Element& message) {
  bool found = false;
  for (const auto* child : message.elements()) {
    const bool is_state = child->ns == ns::kChatStates;
    found = found || is_state;
    const bool silent = child->ns == ns::kHints || child->ns == ns::kStanzaId || child->is("thread", ns::kClient) ||
                        child->is("delay", ns::kDelay);
    if (!is_state && !silent) return false;
  }
  return found;
}

// XEP-0280: the message in a carbon copy, or null.
const xml::Element* copied(const xml::Element& message) {
  const auto* carbon = message.child_in(ns::kCarbons);
  const auto* forwarded = carbon == nullptr ? nullptr : carbon->child("forwarded", ns::kForward);
  return forwarded == nullptr ? nullptr : forwarded->child("message", ns::kClient);
}

}  // namespace

std::optional<std::string> held_as(const xml::Element& stanza) {
  const std::string_view type = stanza.attribute_or("type", "");
  const std::string from(stanza.attribute_or("from", ""));
  if (stanza.is("presence", ns::kClient)) {
    if (!type.empty() && type != "unavailable") return std::nullopt;  // it asks for something, or is an error
    return "presence " + from;
  }
  if (!stanza.is("message", ns::kClient) || type == "error") return std::nullopt;
  if (is_chat_state_only(stanza)) return "state " + from;
  const auto* copy = copied(stanza);
  if (copy == nullptr || !is_chat_state_only(*copy)) return std::nullopt;
  return "copy " + std::string(copy->attribute_or("from", "")) + ' ' + std::string(copy->attribute_or("to", ""));
}

Held::Verdict Held::take(record::Kind kind, std::string_view xml) {
  if (kind == record::IQ) return Verdict::important;
  const auto parsed = xml::parse_fragment(xml, ns::kClient);
  const auto* fragment = std::get_if<xml::Element>(&parsed);
  const auto* stanza = fragment == nullptr ? nullptr : fragment->first_child();
  auto place = stanza == nullptr ? std::nullopt : held_as(*stanza);
  if (!place) return Verdict::important;
  auto verdict = Verdict::kept;
  // The newer one goes to the end: it came after what others have sent since.
  if (auto older = places_.find(*place); older != places_.end()) {
    bytes_ -= older->second->xml.size();
    entries_.erase(older->second);
    places_.erase(older);
    verdict = Verdict::replaced;
  }
  bytes_ += xml.size();
  entries_.push_back({kind, std::string(xml)});
  places_.emplace(*std::move(place), std::prev(entries_.end()));
  return verdict;
}

}  // namespace iris::edge
