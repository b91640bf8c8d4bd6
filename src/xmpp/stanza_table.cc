#include "xmpp/stanza_table.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace iris::xmpp {
namespace {

// --- the words of the table

enum Type : unsigned {
  kNormal = 1,
  kChat = 2,
  kGroupchat = 4,
  kHeadline = 8,       // messages
  kSubscription = 16,  // presence: subscribe, subscribed, unsubscribe, unsubscribed
  kSet = 32,           // IQ
  kError = 64,
  kOther = 128,
  kTalk = kNormal | kChat,
  kAnyType = 255,
};
constexpr std::array<std::string_view, 8> kTypeNames = {"normal",       "chat", "groupchat", "headline",
                                                        "subscription", "set",  "error",     "other"};

enum Where : unsigned { kNone = 1, kOwn = 2, kBare = 4, kFull = 8, kDomain = 16, kElsewhere = 28, kAnywhere = 31 };
constexpr std::array<std::string_view, 5> kTargetNames = {"none", "own bare", "bare", "full", "domain"};

using Condition = bool (*)(const StanzaTraits&);
constexpr bool always(const StanzaTraits&) { return true; }
// XEP-0280 §6.1: "payload elements typically used in IM"
constexpr bool im_payload(const StanzaTraits& t) { return t.chat_state || t.receipt || t.marker || t.request; }

// Which columns are set, in the order of Fate.
constexpr Fate kSoft{};
constexpr Fate kLogged{.logged = true};
constexpr Fate kSoftCopied{.carbon = true};
constexpr Fate kStored{.logged = true, .archived = true, .offline = true, .carbon = true};
constexpr Fate kStoredPushed{.logged = true, .archived = true, .offline = true, .carbon = true, .push = true};

struct Rule {
  Kind kind;
  unsigned types;
  unsigned targets;
  std::string_view when;
  Condition condition;
  Fate fate;
  std::string_view by;
};

// The first rule that fits decides; then come the hints.
constexpr std::array kRules = {
    // Errors are soft: they tell of something that is lost already. One that answers what was copied is copied too: its
    // shards know.
    Rule{Kind::message, kError, kAnywhere, "receipt, marker or chat state, not private",
         [](auto& t) { return im_payload(t) && !t.carbon_private; }, kSoftCopied, "XEP-0280 §6.1"},
    Rule{Kind::message, kError, kAnywhere, "", always, kSoft, "XEP-0160 §3; RFC 6121 §8.5"},

    // Room traffic. What is archived is the room's decision, in the room's archive.
    Rule{Kind::message, kGroupchat, kAnywhere, "body or subject", [](auto& t) { return t.has_body || t.has_subject; },
         kLogged, "XEP-0045 §7.4; XEP-0160 §3; XEP-0280 §6.1; XEP-0313 §6.1.1"},
    Rule{Kind::message, kGroupchat, kAnywhere, "only chat state, or empty",
         [](auto& t) {
           return !(t.marker || t.receipt || t.encrypted || t.correction_like || t.other_payload || t.invitation ||
                    t.call || t.event || t.store);
         },
         kSoft, "XEP-0085 §5.5"},
    Rule{Kind::message, kGroupchat, kAnywhere, "anything else", always, kLogged, "XEP-0045 §7.4"},

    // Of the moment, unless the sender hints otherwise.
    Rule{Kind::message, kHeadline, kAnywhere, "receipt, marker or chat state", im_payload, kSoftCopied,
         "XEP-0280 §6.1"},
    Rule{Kind::message, kHeadline, kAnywhere, "", always, kSoft, "RFC 6121 §5.2.2; XEP-0160 §3; XEP-0313 §6.1.1"},

    // Conversation.
    Rule{Kind::message, kTalk, kFull, "private, in a room", [](auto& t) { return t.muc_private; },
         Fate{.logged = true, .archived = true, .carbon = true, .carbon_sent_only = true},
         "XEP-0045 §7.5; XEP-0280 §6.1"},
    Rule{Kind::message, kTalk, kAnywhere, "invitation to a room", [](auto& t) { return t.invitation; }, kStoredPushed,
         "XEP-0045 §7.8; XEP-0249; XEP-0280 §6.1"},
    Rule{Kind::message, kTalk, kAnywhere, "body or subject", [](auto& t) { return t.has_body || t.has_subject; },
         kStoredPushed, "XEP-0160 §3; XEP-0280 §6.1; XEP-0313 §6.1.1"},
    Rule{Kind::message, kTalk, kAnywhere, "encrypted", [](auto& t) { return t.encrypted; }, kStoredPushed,
         "XEP-0384 §5.5; XEP-0373; XEP-0380"},
    Rule{Kind::message, kTalk, kAnywhere, "call", [](auto& t) { return t.call; }, kStoredPushed, "XEP-0353"},
    Rule{Kind::message, kTalk, kAnywhere, "changes another message", [](auto& t) { return t.correction_like; }, kStored,
         "XEP-0308; XEP-0424; XEP-0444"},
    Rule{Kind::message, kTalk, kAnywhere, "marker or receipt", [](auto& t) { return t.marker || t.receipt; }, kStored,
         "XEP-0333; XEP-0184; XEP-0280 §6.1"},
    Rule{Kind::message, kChat, kAnywhere, "event", [](auto& t) { return t.event; }, kSoftCopied,
         "XEP-0060 §13.7; XEP-0280 §6.1"},
    Rule{Kind::message, kNormal, kAnywhere, "event", [](auto& t) { return t.event; }, kSoft, "XEP-0060 §13.7"},
    Rule{Kind::message, kChat, kAnywhere, "other payload", [](auto& t) { return t.other_payload; },
         Fate{.logged = true, .offline = true, .carbon = true}, "XEP-0160 §3; XEP-0280 §6.1"},
    Rule{Kind::message, kNormal, kAnywhere, "other payload beside chat state or request",
         [](auto& t) { return t.other_payload && im_payload(t); },
         Fate{.logged = true, .offline = true, .carbon = true}, "XEP-0160 §3; XEP-0280 §6.1"},
    Rule{Kind::message, kNormal, kAnywhere, "other payload", [](auto& t) { return t.other_payload; },
         Fate{.logged = true, .offline = true}, "XEP-0160 §3; XEP-0280 §6.1"},
    Rule{Kind::message, kTalk, kAnywhere, "only chat state, or request for a receipt or marker", im_payload,
         kSoftCopied, "XEP-0160 §3; XEP-0280 §6.1"},
    Rule{Kind::message, kChat, kAnywhere, "empty", always, kSoftCopied, "XEP-0280 §6.1"},
    Rule{Kind::message, kNormal, kAnywhere, "empty", always, kSoft, "nothing to keep"},

    // A request waits in the roster of the one who is asked, so it need not be kept here.
    Rule{Kind::presence, kSubscription, kElsewhere, "", always, kLogged, "RFC 6121 §3"},
    Rule{Kind::presence, kAnyType, kAnywhere, "", always, kSoft, "RFC 6121 §4"},

    Rule{Kind::iq, kSet, kNone | kOwn | kBare, "changes stored state", [](auto& t) { return t.changes_state; }, kLogged,
         "RFC 6121 §2; see below"},
    Rule{Kind::iq, kAnyType, kAnywhere, "", always, kSoft, "RFC 6120 §8.2.3"},
};

struct Hint {
  unsigned types;
  std::string_view when;
  Condition condition;
  Fate keeps;  // what may stay set
  Fate sets;
  std::string_view by;
};

constexpr Fate kAll = kStoredPushed;

// All that fit are applied, in order, to messages. A wish not to store is stronger than one to store.
constexpr std::array kHintRules = {
    Hint{kTalk | kHeadline, "store", [](auto& t) { return t.store; }, kAll,
         Fate{.logged = true, .archived = true, .offline = true}, "XEP-0334 §4.4"},
    Hint{kTalk | kHeadline,
         "no-permanent-store",
         [](auto& t) { return t.no_permanent_store; },
         Fate{.logged = true, .offline = true, .carbon = true, .push = true},
         {},
         "XEP-0334 §4.1"},
    Hint{kTalk | kHeadline | kGroupchat,
         "no-store",
         [](auto& t) { return t.no_store; },
         kSoftCopied,
         {},
         "XEP-0334 §4.2"},
    Hint{kTalk | kHeadline,
         "no-copy",
         [](auto& t) { return t.no_copy; },
         Fate{.logged = true, .archived = true, .offline = true, .push = true},
         {},
         "XEP-0334 §4.3"},
    Hint{kTalk | kHeadline,
         "private",
         [](auto& t) { return t.carbon_private; },
         Fate{.logged = true, .archived = true, .offline = true, .push = true},
         {},
         "XEP-0280 §9"},
};

// --- reading it

Type type_of(const StanzaTraits& traits) {
  const std::string_view type = traits.type;
  if (type == "error") return kError;
  switch (traits.kind) {
    case Kind::message:
      if (type == "chat") return kChat;
      if (type == "groupchat") return kGroupchat;
      if (type == "headline") return kHeadline;
      return kNormal;  // RFC 6121 §5.2.2: no type, and one that is not known
    case Kind::presence:
      return type == "subscribe" || type == "subscribed" || type == "unsubscribe" || type == "unsubscribed"
                 ? kSubscription
                 : kOther;
    case Kind::iq: return type == "set" ? kSet : kOther;
  }
  return kOther;
}

bool fits(const Rule& rule, const StanzaTraits& traits, Type type) {
  return rule.kind == traits.kind && (rule.types & type) != 0 &&
         (rule.targets >> static_cast<unsigned>(traits.target) & 1) != 0 && rule.condition(traits);
}

template <std::size_t N>
std::string words(const std::array<std::string_view, N>& names, unsigned mask) {
  if (mask == (1u << N) - 1) return "any";
  std::string out;
  for (std::size_t i = 0; i < N; ++i) {
    if ((mask >> i & 1) == 0) continue;
    if (!out.empty()) out += ", ";
    out += names[i];
  }
  return out;
}

std::string cell(bool set) { return set ? " yes |" : "  |"; }

std::string cells(Fate fate) {
  return cell(fate.logged) + cell(fate.archived) + cell(fate.offline) +
         (fate.carbon_sent_only ? " sent |" : cell(fate.carbon)) + cell(fate.push);
}

}  // namespace

Fate fate_of(const StanzaTraits& traits) {
  const Type type = type_of(traits);
  const auto* rule = std::ranges::find_if(kRules, [&](const Rule& r) { return fits(r, traits, type); });
  IRIS_CHECK(rule != kRules.end());  // each kind ends with a rule for all
  std::uint32_t bits = rule->fate.bits();
  if (traits.kind != Kind::message) return Fate::from_bits(bits);
  for (const Hint& hint : kHintRules) {
    if ((hint.types & type) != 0 && hint.condition(traits)) bits = (bits & hint.keeps.bits()) | hint.sets.bits();
  }
  Fate fate = Fate::from_bits(bits);
  fate.carbon_sent_only = fate.carbon && rule->fate.carbon_sent_only;
  return fate;
}

std::string stanza_table_markdown() {
  std::string out =
      "| kind | type | target | when | logged | archived | offline | carbon | push | by |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n";
  for (const Rule& rule : kRules) {
    out.append("| ").append(to_string(rule.kind)).append(" | ").append(words(kTypeNames, rule.types)).append(" | ");
    out.append(words(kTargetNames, rule.targets)).append(" | ").append(rule.when).append(" |");
    out.append(cells(rule.fate)).append(" ").append(rule.by).append(" |\n");
  }
  out +=
      "\nThen, for messages, each hint that is present:\n\n"
      "| hint | type | sets | clears | by |\n"
      "|---|---|---|---|---|\n";
  constexpr std::array<std::string_view, 5> kColumns = {"logged", "archived", "offline", "carbon", "push"};
  for (const Hint& hint : kHintRules) {
    const std::uint32_t clears = kAll.bits() & ~hint.keeps.bits();
    out.append("| ").append(hint.when).append(" | ").append(words(kTypeNames, hint.types)).append(" | ");
    out.append(hint.sets == Fate{} ? "" : words(kColumns, hint.sets.bits())).append(" | ");
    out.append(clears == 0 ? "" : words(kColumns, clears)).append(" | ").append(hint.by).append(" |\n");
  }
  return out + "\n" + state_changes_markdown();
}

}  // namespace iris::xmpp
