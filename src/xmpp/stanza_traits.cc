// traits_of and changes_state: see stanza_table.h.
#include <algorithm>
#include <array>

#include "xmpp/ns.h"
#include "xmpp/stanza_table.h"

namespace iris::xmpp {
namespace {

struct Payload {
  std::string_view ns;
  std::string_view name;  // empty: any
};

// The account's own: roster (RFC 6121 §2), and what the XEPs named in ns.h keep on the server.
constexpr std::array kAccountState = {
    Payload{ns::kRoster, ""},   Payload{ns::kPrivate, ""}, Payload{ns::kVcardTemp, ""},
    Payload{ns::kBlocking, ""}, Payload{ns::kPubsub, ""},  Payload{ns::kPubsubOwner, ""},
    Payload{ns::kMam, "prefs"}, Payload{ns::kPush, ""},    Payload{ns::kRegister, ""},
};
// A room's: configuration, affiliations and roles, registration (XEP-0045 §8-10, §7.10).
constexpr std::array kRoomState = {
    Payload{ns::kMucAdmin, ""},
    Payload{ns::kMucOwner, ""},
    Payload{ns::kRegister, ""},
    Payload{ns::kMam, "prefs"},
};

Target target_of(const Stanza& stanza, const Jid& own) {
  if (!stanza.to) return Target::none;
  if (stanza.to->is_full()) return Target::full;  // a service's own resources too
  if (!stanza.to->has_local()) return Target::domain;
  return stanza.to->same_bare(own) ? Target::own_bare : Target::bare;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

void note_muc_user(StanzaTraits& traits, const xml::Element& x) {
  const bool mediated = x.child("invite") != nullptr || x.child("decline") != nullptr;
  (mediated ? traits.invitation : traits.muc_private) = true;
}

void note_hint(StanzaTraits& traits, std::string_view hint) {
  if (hint == "no-store") traits.no_store = true;
  if (hint == "no-permanent-store" || hint == "no-permanent-storage") traits.no_permanent_store = true;  // as renamed
  if (hint == "no-copy") traits.no_copy = true;
  if (hint == "store") traits.store = true;
}

void note_child(StanzaTraits& traits, const xml::Element& child) {
  const std::string_view ns = child.ns, name = child.name;
  if (ns == ns::kClient) {
    if (name == "body") traits.has_body = true;
    if (name == "subject") traits.has_subject = true;
    if (name == "thread") traits.has_thread = true;
    if (!is_one_of(name, {"body", "subject", "thread", "error"})) traits.other_payload = true;
  } else if (ns == ns::kHints) {
    note_hint(traits, name);
  } else if (ns == ns::kChatStates) {
    traits.chat_state = true;
  } else if (ns == ns::kReceipts) {
    (name == "received" ? traits.receipt : traits.request) = true;
  } else if (ns == ns::kChatMarkers) {
    (name == "markable" ? traits.request : traits.marker) = true;
  } else if (is_one_of(ns, {ns::kOmemo, ns::kOmemo2, ns::kOpenPgp, ns::kEncryption})) {
    traits.encrypted = true;
  } else if (is_one_of(ns, {ns::kCorrection, ns::kRetraction, ns::kReactions})) {
    traits.correction_like = true;
  } else if (ns == ns::kMucUser && name == "x") {
    note_muc_user(traits, child);
  } else if (ns == ns::kDirectInvitation) {
    traits.invitation = true;
  } else if (ns == ns::kPubsubEvent) {
    traits.event = true;
  } else if (ns == ns::kJingleMessage) {
    traits.call = true;
  } else if (ns == ns::kCarbons && name == "private") {
    traits.carbon_private = true;
  } else if (ns != ns::kStanzaId) {  // an id is no content: XEP-0359
    traits.other_payload = true;
  }
}

}  // namespace

bool changes_state(const xml::Element& payload, Target target) {
  const auto in = [&](const auto& list) {
    return std::ranges::any_of(list, [&](const Payload& known) {
      return payload.ns == known.ns && (known.name.empty() || payload.name == known.name);
    });
  };
  switch (target) {
    case Target::none:
    case Target::own_bare: return in(kAccountState);
    case Target::bare: return in(kRoomState);
    case Target::full:
    case Target::domain: return false;
  }
  return false;
}

std::string state_changes_markdown() {
  std::string out =
      "An IQ set changes stored state if its payload is one of these:\n\n"
      "| of | namespace | element |\n|---|---|---|\n";
  const auto add = [&out](std::string_view of, const auto& list) {
    for (const Payload& known : list)
      out.append("| ")
          .append(of)
          .append(" | `")
          .append(known.ns)
          .append("` | ")
          .append(known.name.empty() ? "any" : known.name)
          .append(" |\n");
  };
  add("the own account", kAccountState);
  add("a room", kRoomState);
  return out;
}

StanzaTraits traits_of(const Stanza& stanza, const Jid& own) {
  StanzaTraits traits;
  traits.kind = stanza.kind;
  traits.type = stanza.type;
  traits.target = target_of(stanza, own);
  if (stanza.kind == Kind::iq) {
    const auto* payload = stanza.first_child();
    traits.changes_state = stanza.type == "set" && payload != nullptr && changes_state(*payload, traits.target);
    return traits;
  }
  for (const xml::Node& node : stanza.payload.children) {
    if (const auto* child = std::get_if<xml::Element>(&node)) note_child(traits, *child);
  }
  traits.muc_private = traits.muc_private && traits.target == Target::full;
  return traits;
}

Fate fate_of(const Stanza& stanza, const Jid& own) { return fate_of(traits_of(stanza, own)); }

}  // namespace iris::xmpp
