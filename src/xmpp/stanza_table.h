// THE table: for each kind of stanza, whether it is logged, archived, kept for offline, carbon-copied, pushed. Read by
// the code, by the tests and by docs/stanza-table.md. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "xml/element.h"
#include "xmpp/jid.h"
#include "xmpp/stanza.h"

namespace iris::xmpp {

enum class Target : std::uint8_t {
  none,      // no `to`: the account itself
  own_bare,  // the sender's own bare JID
  bare,      // someone else's bare JID (account or room)
  full,      // a full JID
  domain,    // the server or a service
};

// What the table looks at.
struct StanzaTraits {
  Kind kind{};
  std::string_view type{};  // of the stanza; must outlive the traits
  Target target{};
  bool has_body = false;
  bool has_subject = false;
  bool has_thread = false;
  bool encrypted = false;        // XEP-0384, XEP-0373, XEP-0380
  bool chat_state = false;       // XEP-0085
  bool receipt = false;          // XEP-0184 <received/>
  bool marker = false;           // XEP-0333 received, displayed, acknowledged
  bool correction_like = false;  // refers to another message: XEP-0308, 0424, 0444
  bool invitation = false;       // XEP-0045 mediated, XEP-0249 direct
  bool muc_private = false;      // XEP-0045 §7.5: <x xmlns='…muc#user'/> to an occupant
  bool event = false;            // XEP-0060 <event/>
  bool call = false;             // XEP-0353 Jingle message initiation
  bool other_payload = false;    // any child not named above
  bool no_store = false;         // XEP-0334
  bool no_permanent_store = false;
  bool no_copy = false;
  bool store = false;
  bool request = false;         // XEP-0184 <request/>, XEP-0333 <markable/>
  bool carbon_private = false;  // XEP-0280 §9 <private/>
  bool changes_state = false;   // IQ set known to change what is stored (changes_state below)
};

struct Fate {
  bool logged = false;  // a record of the sender's partition: ack means durable. Not logged: soft, over the Bus
  bool archived =
      false;             // in the users' archives, XEP-0313 (their preferences may still say no; a room decides itself)
  bool offline = false;  // kept for those who are away, until delivered
  bool carbon = false;   // copied to the account's other clients (XEP-0280)
  bool push = false;     // wakes a client that is away
  bool carbon_sent_only = false;  // the sender's clients are meant by `carbon`, the recipient's are not

  constexpr std::uint32_t bits() const {  // as in record.proto
    return std::uint32_t{logged} | std::uint32_t{archived} << 1 | std::uint32_t{offline} << 2 |
           std::uint32_t{carbon} << 3 | std::uint32_t{push} << 4 | std::uint32_t{carbon_sent_only} << 5;
  }
  static constexpr Fate from_bits(std::uint32_t bits) {
    return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0, (bits & 32) != 0};
  }
  friend bool operator==(const Fate&, const Fate&) = default;
};

Fate fate_of(const StanzaTraits& traits);

// `own` is the sender's account. The stanza must outlive the traits.
StanzaTraits traits_of(const Stanza& stanza, const Jid& own);
Fate fate_of(const Stanza& stanza, const Jid& own);

// Whether an IQ set with this payload changes what is stored of the account (`target` none or own_bare) or of someone
// else's bare JID, which is a room.
bool changes_state(const xml::Element& payload, Target target);

// The payloads that changes_state() knows, as tables of Markdown.
std::string state_changes_markdown();

// The rules in order, as tables of Markdown with the texts they come from.
std::string stanza_table_markdown();

}  // namespace iris::xmpp
