#include "xmpp/payload_jids.h"

#include <array>
#include <string>

#include "xmpp/ns.h"

namespace iris::xmpp {
namespace {

enum class Form { as_sent, bare };

// Where a payload carries JIDs: root [/ parent] / element, in its attribute, or as its text if that is empty.
struct Place {
  std::string_view ns;
  std::string_view root;
  std::string_view parent;
  std::string_view element;
  std::string_view attribute;
  Form form;
};

constexpr std::array kPlaces = {
    // RFC 6121 §2.1.2.3: a contact is a bare JID, as subscriptions are (§3).
    Place{ns::kRoster, "query", "", "item", "jid", Form::bare},
    Place{ns::kBlocking, "block", "", "item", "jid", Form::as_sent},    // XEP-0191 §3.3
    Place{ns::kBlocking, "unblock", "", "item", "jid", Form::as_sent},  // XEP-0191 §3.4
    Place{ns::kMam, "prefs", "always", "jid", "", Form::as_sent},       // XEP-0441 §2
    Place{ns::kMam, "prefs", "never", "jid", "", Form::as_sent},
};

bool prepare(xml::Element& element, const Place& place) {
  const bool in_text = place.attribute.empty();
  if (!in_text && !element.attribute(place.attribute)) return true;  // the feature says what is missing
  const std::string text = in_text ? element.text() : std::string(*element.attribute(place.attribute));
  const auto jid = Jid::parse(text);
  if (!jid) return false;
  const std::string_view prepared = place.form == Form::bare ? jid->bare_view() : std::string_view(jid->to_string());
  if (prepared == text) return true;
  if (in_text) {
    element.children.clear();
    element.add_text(prepared);
  } else {
    element.set(place.attribute, prepared);
  }
  return true;
}

// The elements of a place inside `outer`, which is the root or the parent.
bool prepare_inside(xml::Element& outer, const Place& place, bool below_root) {
  for (xml::Node& node : outer.children) {
    auto* child = std::get_if<xml::Element>(&node);
    if (child == nullptr || child->ns != place.ns) continue;
    if (below_root && !place.parent.empty()) {
      if (child->name == place.parent && !prepare_inside(*child, place, false)) return false;
    } else if (child->name == place.element && !prepare(*child, place)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<StanzaError> prepare_payload_jids(Stanza& stanza) {
  if (stanza.kind != Kind::iq || stanza.type != "set" || (stanza.to && stanza.to->is_full())) return std::nullopt;
  for (xml::Node& node : stanza.payload.children) {
    auto* root = std::get_if<xml::Element>(&node);
    if (root == nullptr) continue;
    for (const Place& place : kPlaces)
      if (root->is(place.root, place.ns) && !prepare_inside(*root, place, true))
        return StanzaError(StanzaCondition::jid_malformed, "an address in the payload is none");
  }
  return std::nullopt;
}

}  // namespace iris::xmpp
