#include "xmpp/stanza_table.h"

#include <gtest/gtest.h>

#include <functional>

#include "xmpp/ns.h"

namespace iris::xmpp {
namespace {

// "LAOCP": logged, archived, offline, carbon (S: of what was sent alone), push; a dot where not.
std::string letters(Fate fate) {
  std::string out = ".....";
  if (fate.logged) out[0] = 'L';
  if (fate.archived) out[1] = 'A';
  if (fate.offline) out[2] = 'O';
  if (fate.carbon) out[3] = fate.carbon_sent_only ? 'S' : 'C';
  if (fate.push) out[4] = 'P';
  return out;
}

const Jid kOwn = *Jid::parse("romeo@montague.example");

Stanza read(const std::string& xml) {
  auto element = xml::parse_document(xml);
  EXPECT_TRUE(std::holds_alternative<xml::Element>(element)) << xml;
  auto stanza = read_stanza(std::move(std::get<xml::Element>(element)));
  EXPECT_TRUE(std::holds_alternative<Stanza>(stanza)) << xml;
  return std::get<Stanza>(stanza);
}

std::string fate_of_xml(const std::string& kind, const std::string& attributes, const std::string& inner) {
  const auto stanza = read("<" + kind + " xmlns='jabber:client' " + attributes + ">" + inner + "</" + kind + ">");
  return letters(fate_of(stanza, kOwn));
}

// ---- message, cell by cell: what is inside × type

const std::string kBody = "<body>x</body>";
const std::string kSubject = "<subject>x</subject>";
const std::string kComposing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
const std::string kReceived = "<received xmlns='urn:xmpp:receipts' id='1'/>";
const std::string kRequest = "<request xmlns='urn:xmpp:receipts'/>";
const std::string kDisplayed = "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>";
const std::string kMarkable = "<markable xmlns='urn:xmpp:chat-markers:0'/>";
const std::string kOmemo = "<encrypted xmlns='eu.siacs.conversations.axolotl'/>";
const std::string kOmemo2 = "<encrypted xmlns='urn:xmpp:omemo:2'/>";
const std::string kReaction = "<reactions xmlns='urn:xmpp:reactions:0' id='1'/>";
const std::string kRetract = "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>";
const std::string kMediated = "<x xmlns='http://jabber.org/protocol/muc#user'><invite to='a@b'/></x>";
const std::string kDirect = "<x xmlns='jabber:x:conference' jid='r@c'/>";
const std::string kMucUser = "<x xmlns='http://jabber.org/protocol/muc#user'/>";
const std::string kEvent = "<event xmlns='http://jabber.org/protocol/pubsub#event'/>";
const std::string kPropose = "<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>";
const std::string kOther = "<x xmlns='urn:other'/>";
const std::string kOriginId = "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>";
const std::string kThread = "<thread>1</thread>";

struct MessageRow {
  std::string name;
  std::string inner;
  const char* normal;
  const char* chat;
  const char* groupchat;
  const char* headline;
  const char* error;
};

const MessageRow kMessages[] = {
    // name              inner                normal   chat     groupch  headline error
    {"empty", "", ".....", "...C.", ".....", ".....", "....."},
    {"body", kBody, "LAOCP", "LAOCP", "L....", ".....", "....."},
    {"body, chat state", kBody + kComposing, "LAOCP", "LAOCP", "L....", "...C.", "...C."},
    {"body, requests", kBody + kRequest + kMarkable, "LAOCP", "LAOCP", "L....", "...C.", "...C."},
    {"subject", kSubject, "LAOCP", "LAOCP", "L....", ".....", "....."},
    {"thread only", kThread, ".....", "...C.", ".....", ".....", "....."},
    {"chat state", kComposing, "...C.", "...C.", ".....", "...C.", "...C."},
    {"chat state, ids", kComposing + kThread + kOriginId, "...C.", "...C.", ".....", "...C.", "...C."},
    {"receipt", kReceived, "LAOC.", "LAOC.", "L....", "...C.", "...C."},
    {"marker", kDisplayed, "LAOC.", "LAOC.", "L....", "...C.", "...C."},
    {"marker, state", kDisplayed + kComposing, "LAOC.", "LAOC.", "L....", "...C.", "...C."},
    {"omemo", kOmemo, "LAOCP", "LAOCP", "L....", ".....", "....."},
    {"omemo 2", kOmemo2, "LAOCP", "LAOCP", "L....", ".....", "....."},
    {"reaction", kReaction, "LAOC.", "LAOC.", "L....", ".....", "....."},
    {"retraction", kRetract, "LAOC.", "LAOC.", "L....", ".....", "....."},
    {"mediated", kMediated, "LAOCP", "LAOCP", "L....", ".....", "....."},
    {"direct", kDirect, "LAOCP", "LAOCP", "L....", ".....", "....."},
    {"call", kPropose, "LAOCP", "LAOCP", "L....", ".....", "....."},
    {"event", kEvent, ".....", "...C.", "L....", ".....", "....."},
    {"event, body", kEvent + kBody, "LAOCP", "LAOCP", "L....", ".....", "....."},
    {"request", kRequest, "...C.", "...C.", ".....", "...C.", "...C."},
    {"markable", kMarkable, "...C.", "...C.", ".....", "...C.", "...C."},
    {"request, private", kRequest + "<private xmlns='urn:xmpp:carbons:2'/>", ".....", ".....", ".....", ".....",
     "....."},
    {"other, request", kOther + kRequest, "L.OC.", "L.OC.", "L....", "...C.", "...C."},
    {"other", kOther, "L.O..", "L.OC.", "L....", ".....", "....."},
    {"ids only", kOriginId, ".....", "...C.", ".....", ".....", "....."},
};

TEST(StanzaTable, messages) {
  for (const auto& row : kMessages) {
    for (const char* to : {"", "to='romeo@montague.example'", "to='juliet@capulet.example'",
                           "to='juliet@capulet.example/balcony'", "to='capulet.example'"}) {
      const auto fate = [&](const std::string& type) {
        return fate_of_xml("message", (type.empty() ? "" : "type='" + type + "' ") + to, row.inner);
      };
      EXPECT_EQ(fate(""), row.normal) << row.name << to;
      EXPECT_EQ(fate("normal"), row.normal) << row.name << to;
      EXPECT_EQ(fate("no-such-type"), row.normal) << row.name << to;  // RFC 6121 §5.2.2
      EXPECT_EQ(fate("chat"), row.chat) << row.name << to;
      EXPECT_EQ(fate("groupchat"), row.groupchat) << row.name << to;
      EXPECT_EQ(fate("headline"), row.headline) << row.name << to;
      EXPECT_EQ(fate("error"), row.error) << row.name << to;
    }
  }
}

TEST(StanzaTable, private_message_in_a_room_is_not_kept_for_offline) {
  EXPECT_EQ(fate_of_xml("message", "type='chat' to='room@muc.example/nick'", kBody + kMucUser), "LA.S.");
  // Not to an occupant: just a message.
  EXPECT_EQ(fate_of_xml("message", "type='chat' to='room@muc.example'", kBody + kMucUser), "LAOCP");
}

// ---- hints × type, on a message with a body and on one with a chat state

std::string hint(const std::string& name) { return "<" + name + " xmlns='urn:xmpp:hints'/>"; }
const std::string kPrivate = "<private xmlns='urn:xmpp:carbons:2'/>";

struct HintRow {
  std::string hints;
  const char* chat_body;
  const char* chat_state;
  const char* groupchat_body;
  const char* headline_body;
  const char* error_body;
};

const HintRow kHintRows[] = {
    // hints                                       body     state    groupch  headline error
    {"", "LAOCP", "...C.", "L....", ".....", "....."},
    {hint("store"), "LAOCP", "LAOC.", "L....", "LAO..", "....."},
    {hint("no-store"), "...C.", "...C.", ".....", ".....", "....."},
    {hint("no-permanent-store"), "L.OCP", "...C.", "L....", ".....", "....."},
    {hint("no-permanent-storage"), "L.OCP", "...C.", "L....", ".....", "....."},
    {hint("no-copy"), "LAO.P", ".....", "L....", ".....", "....."},
    {kPrivate, "LAO.P", ".....", "L....", ".....", "....."},
    {hint("store") + hint("no-store"), "...C.", "...C.", ".....", ".....", "....."},
    {hint("store") + hint("no-permanent-store"), "L.OCP", "L.OC.", "L....", "L.O..", "....."},
    {hint("no-store") + hint("no-copy"), ".....", ".....", ".....", ".....", "....."},
    {kPrivate + hint("no-copy"), "LAO.P", ".....", "L....", ".....", "....."},
    {hint("unknown"), "LAOCP", "...C.", "L....", ".....", "....."},
};

TEST(StanzaTable, hints) {
  for (const auto& row : kHintRows) {
    const auto fate = [&](const std::string& type, const std::string& inner) {
      return fate_of_xml("message", "type='" + type + "' to='juliet@capulet.example'", inner + row.hints);
    };
    EXPECT_EQ(fate("chat", kBody), row.chat_body) << row.hints;
    EXPECT_EQ(fate("chat", kComposing), row.chat_state) << row.hints;
    EXPECT_EQ(fate("groupchat", kBody), row.groupchat_body) << row.hints;
    EXPECT_EQ(fate("headline", kBody), row.headline_body) << row.hints;
    EXPECT_EQ(fate("error", kBody), row.error_body) << row.hints;
  }
}

// XEP-0334 §5
TEST(StanzaTable, hints_in_errors_are_ignored) {
  EXPECT_EQ(fate_of_xml("message", "type='error' to='a@b'", hint("store")), ".....");
}

// ---- presence: type × target

TEST(StanzaTable, presence) {
  for (const std::string type : {"subscribe", "subscribed", "unsubscribe", "unsubscribed"}) {
    const auto fate = [&](const std::string& to) { return fate_of_xml("presence", "type='" + type + "' " + to, ""); };
    EXPECT_EQ(fate("to='juliet@capulet.example'"), "L....") << type;
    EXPECT_EQ(fate("to='juliet@capulet.example/balcony'"), "L....") << type;
    EXPECT_EQ(fate("to='capulet.example'"), "L....") << type;
    EXPECT_EQ(fate(""), ".....") << type;
    EXPECT_EQ(fate("to='romeo@montague.example'"), ".....") << type;
  }
  for (const std::string type : {"unavailable", "probe", "error"}) {
    EXPECT_EQ(fate_of_xml("presence", "type='" + type + "' to='juliet@capulet.example'", hint("store")), ".....")
        << type;
  }
  EXPECT_EQ(fate_of_xml("presence", "", ""), ".....");
  EXPECT_EQ(fate_of_xml("presence", "to='room@muc.example/nick'", ""), ".....");
}

// ---- IQ: payload × target

struct IqRow {
  const char* payload;
  const char* own;
  const char* bare;
};

const IqRow kIqs[] = {
    // payload                                                 own      someone else's
    {"<query xmlns='jabber:iq:roster'/>", "L....", "....."},
    {"<query xmlns='jabber:iq:private'/>", "L....", "....."},
    {"<vCard xmlns='vcard-temp'/>", "L....", "....."},
    {"<block xmlns='urn:xmpp:blocking'/>", "L....", "....."},
    {"<unblock xmlns='urn:xmpp:blocking'/>", "L....", "....."},
    {"<prefs xmlns='urn:xmpp:mam:2'/>", "L....", "L...."},
    {"<query xmlns='urn:xmpp:mam:2'/>", ".....", "....."},
    {"<pubsub xmlns='http://jabber.org/protocol/pubsub'/>", "L....", "....."},
    {"<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'/>", "L....", "....."},
    {"<enable xmlns='urn:xmpp:push:0'/>", "L....", "....."},
    {"<query xmlns='jabber:iq:register'/>", "L....", "L...."},
    {"<query xmlns='http://jabber.org/protocol/muc#owner'/>", ".....", "L...."},
    {"<query xmlns='http://jabber.org/protocol/muc#admin'/>", ".....", "L...."},
    {"<enable xmlns='urn:xmpp:carbons:2'/>", ".....", "....."},
    {"<command xmlns='http://jabber.org/protocol/commands'/>", ".....", "....."},
    {"<x xmlns='urn:other'/>", ".....", "....."},
};

TEST(StanzaTable, iqs) {
  for (const auto& row : kIqs) {
    const auto fate = [&](const std::string& type, const std::string& to) {
      return fate_of_xml("iq", "id='1' type='" + type + "' " + to, row.payload);
    };
    EXPECT_EQ(fate("set", ""), row.own) << row.payload;
    EXPECT_EQ(fate("set", "to='romeo@montague.example'"), row.own) << row.payload;
    EXPECT_EQ(fate("set", "to='juliet@capulet.example'"), row.bare) << row.payload;
    EXPECT_EQ(fate("set", "to='juliet@capulet.example/balcony'"), ".....") << row.payload;
    EXPECT_EQ(fate("set", "to='capulet.example'"), ".....") << row.payload;
    for (const std::string type : {"get", "result", "error"}) EXPECT_EQ(fate(type, ""), ".....") << row.payload << type;
  }
}

// Whatever the traits, there is an answer, and it makes sense.
TEST(StanzaTable, every_combination_is_consistent) {
  using Flag = bool StanzaTraits::*;
  const Flag flags[] = {&StanzaTraits::has_body,      &StanzaTraits::encrypted,       &StanzaTraits::chat_state,
                        &StanzaTraits::marker,        &StanzaTraits::correction_like, &StanzaTraits::invitation,
                        &StanzaTraits::muc_private,   &StanzaTraits::event,           &StanzaTraits::request,
                        &StanzaTraits::other_payload, &StanzaTraits::no_store,        &StanzaTraits::no_permanent_store,
                        &StanzaTraits::no_copy,       &StanzaTraits::store,           &StanzaTraits::changes_state};
  const std::pair<Kind, std::vector<std::string_view>> types[] = {
      {Kind::message, {"", "chat", "groupchat", "headline", "error", "odd"}},
      {Kind::presence, {"", "subscribe", "unavailable", "error"}},
      {Kind::iq, {"get", "set", "result", "error"}}};
  for (const auto& [kind, list] : types) {
    for (const auto type : list) {
      for (int target = 0; target <= static_cast<int>(Target::domain); ++target) {
        for (unsigned bits = 0; bits < 1u << std::size(flags); ++bits) {
          StanzaTraits traits{.kind = kind, .type = type, .target = static_cast<Target>(target)};
          for (std::size_t i = 0; i < std::size(flags); ++i) traits.*flags[i] = (bits >> i & 1) != 0;
          const Fate fate = fate_of(traits);
          const bool stored = fate.archived || fate.offline || fate.push;
          ASSERT_FALSE(stored && !fate.logged) << "what is stored is logged first";
          ASSERT_FALSE(stored && kind != Kind::message);
          ASSERT_FALSE(kind == Kind::message && traits.no_store && (fate.logged || stored));
          ASSERT_FALSE(traits.no_permanent_store && fate.archived);
          ASSERT_FALSE(traits.no_copy && fate.carbon && type != "error");  // XEP-0334 §5
          ASSERT_FALSE(type == "error" && (fate.logged || stored));
          ASSERT_EQ(Fate::from_bits(fate.bits()), fate);
        }
      }
    }
  }
}

TEST(StanzaTable, prints_itself) {
  const auto text = stanza_table_markdown();
  EXPECT_NE(text.find("| message | normal, chat | any | body or subject | yes | yes | yes | yes | yes |"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("| no-permanent-store | normal, chat, headline |  | archived | XEP-0334 §4.1 |"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("| iq | any | any |"), std::string::npos);
}

}  // namespace
}  // namespace iris::xmpp
