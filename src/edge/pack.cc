#include "edge/pack.h"

#include "record/partition.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

// XEP-0359 §3: what only the sender's or the recipient's account may say, or their server. Whatever others have said
// stays.
bool is_forged_stanza_id(const xmpp::Stanza& stanza, const xml::Element& child) {
  if (!child.is("stanza-id", xmpp::ns::kStanzaId)) return false;
  auto by = xmpp::Jid::parse(child.attribute_or("by", ""));
  if (!by || by->same_bare(*stanza.from) || (stanza.to && by->same_bare(*stanza.to))) return true;
  return by->is_domain() && by->domain() == stanza.from->domain();
}

// XEP-0203 §5: that it was delayed by the recipient's server, or by the recipient's account there. What others have
// said stays: a client may have held back what it sends, and a room its history.
bool is_forged_delay(const xmpp::Stanza& stanza, const xml::Element& child) {
  if (!child.is("delay", xmpp::ns::kDelay)) return false;
  const auto from = xmpp::Jid::parse(child.attribute_or("from", ""));
  if (!from || from->is_full()) return false;
  if (from->is_domain()) return from->domain() == stanza.from->domain();
  return stanza.to && from->same_bare(*stanza.to);
}

}  // namespace

record::Stanza pack(xmpp::Stanza& stanza, xmpp::Fate fate) {
  stanza.payload.remove_children(
      [&](const xml::Element& child) { return is_forged_stanza_id(stanza, child) || is_forged_delay(stanza, child); });
  record::Stanza out;
  out.set_kind(static_cast<record::Kind>(stanza.kind));
  out.set_type(stanza.type);
  out.set_id(stanza.id);
  out.set_from(stanza.from->to_string());
  if (stanza.to) out.set_to(stanza.to->to_string());
  out.set_lang(stanza.lang);
  out.set_inner(stanza.inner());
  out.set_fate(fate.bits());
  if (const auto* origin = stanza.child("origin-id", xmpp::ns::kStanzaId))
    out.set_origin_id(std::string(origin->attribute_or("id", "")));
  out.set_payload_hash(record::payload_hash(out.inner()));
  return out;
}

}  // namespace iris::edge
