#include "xmpp/stanza.h"

#include <gtest/gtest.h>

#include "xmpp/ns.h"

namespace iris::xmpp {
namespace {

std::variant<Stanza, StanzaFault> read(const std::string& xml) {
  auto element = xml::parse_document(xml);
  EXPECT_TRUE(std::holds_alternative<xml::Element>(element)) << xml;
  return read_stanza(std::move(std::get<xml::Element>(element)));
}
Stanza good(const std::string& xml) {
  auto result = read(xml);
  EXPECT_TRUE(std::holds_alternative<Stanza>(result)) << xml;
  return std::get<Stanza>(std::move(result));
}
StanzaFault bad(const std::string& xml) {
  auto result = read(xml);
  EXPECT_TRUE(std::holds_alternative<StanzaFault>(result)) << xml;
  return std::get<StanzaFault>(std::move(result));
}

const std::string kMessage =
    "<message xmlns='jabber:client' type='chat' id='a&apos;1' from='Romeo@Montague.example/Garden' "
    "to='juliet@capulet.example' xml:lang='en'><body>a&lt;b</body><x xmlns='urn:x'><y/></x></message>";

TEST(Stanza, reads_all_parts) {
  const auto stanza = good(kMessage);
  EXPECT_EQ(stanza.kind, Kind::message);
  EXPECT_EQ(stanza.type, "chat");
  EXPECT_EQ(stanza.id, "a'1");
  EXPECT_EQ(stanza.from->to_string(), "romeo@montague.example/Garden");
  EXPECT_EQ(stanza.to->to_string(), "juliet@capulet.example");
  EXPECT_EQ(stanza.lang, "en");
  EXPECT_EQ(stanza.inner(), "<body>a&lt;b</body><x xmlns='urn:x'><y/></x>");
  EXPECT_NE(stanza.child("x", "urn:x"), nullptr);
}

TEST(Stanza, written_and_composed_from_bytes_it_is_the_same) {
  const auto stanza = good(kMessage);
  const StanzaHead head{Kind::message, "chat", "a'1", "romeo@montague.example/Garden", "juliet@capulet.example", "en"};
  const std::string composed = compose(head, stanza.inner());
  EXPECT_EQ(composed, stanza.to_xml());
  EXPECT_EQ(composed, stanza.to_element().serialize("jabber:client"));
  EXPECT_EQ(composed,
            "<message type='chat' id='a&apos;1' from='romeo@montague.example/Garden' to='juliet@capulet.example' "
            "xml:lang='en'><body>a&lt;b</body><x xmlns='urn:x'><y/></x></message>");
  const auto again = std::get<Stanza>(read_stanza(head, stanza.inner()));
  EXPECT_EQ(again.to_xml(), composed);
  EXPECT_EQ(again.payload, stanza.payload);
}

TEST(Stanza, extras_follow_the_payload) {
  EXPECT_EQ(compose({.kind = Kind::message}, "<body>x</body>", "<stanza-id xmlns='urn:xmpp:sid:0'/>"),
            "<message><body>x</body><stanza-id xmlns='urn:xmpp:sid:0'/></message>");
  EXPECT_EQ(compose({.kind = Kind::presence}, ""), "<presence/>");
  EXPECT_EQ(compose({.kind = Kind::presence}, "", "<a/>"), "<presence><a/></presence>");
}

TEST(Stanza, for_a_websocket_the_namespace_is_declared) {
  EXPECT_EQ(with_client_namespace("<presence/>"), "<presence xmlns='jabber:client'/>");
  EXPECT_EQ(with_client_namespace("<iq id='1'/>"), "<iq xmlns='jabber:client' id='1'/>");
  EXPECT_EQ(with_client_namespace("<message><body/></message>"), "<message xmlns='jabber:client'><body/></message>");
}

TEST(Stanza, of_a_server_stream_is_read_as_of_a_client_stream) {
  const auto stanza = good("<message xmlns='jabber:server'><body>x</body><x xmlns='urn:x'/></message>");
  EXPECT_EQ(stanza.inner(), "<body>x</body><x xmlns='urn:x'/>");
}

TEST(Stanza, is_one_of_three) {
  EXPECT_TRUE(is_stanza(xml::Element("iq", "jabber:client")));
  EXPECT_FALSE(is_stanza(xml::Element("iq", "urn:x")));
  EXPECT_FALSE(is_stanza(xml::Element("message", "")));
  EXPECT_FALSE(is_stanza(xml::Element("query", "jabber:client")));
}

// RFC 6120 §8.2.3
TEST(StanzaChecks, iq) {
  const std::string iq = "<iq xmlns='jabber:client' ";
  EXPECT_EQ(bad(iq + "type='get'><a xmlns='x'/></iq>").error.condition, StanzaCondition::bad_request);
  EXPECT_EQ(bad(iq + "id='' type='get'><a xmlns='x'/></iq>").error.condition, StanzaCondition::bad_request);
  EXPECT_EQ(bad(iq + "id='1'><a xmlns='x'/></iq>").error.condition, StanzaCondition::bad_request);
  EXPECT_EQ(bad(iq + "id='1' type='odd'><a xmlns='x'/></iq>").error.condition, StanzaCondition::bad_request);
  EXPECT_EQ(bad(iq + "id='1' type='get'/>").error.condition, StanzaCondition::bad_request);
  EXPECT_EQ(bad(iq + "id='1' type='set'>text</iq>").error.condition, StanzaCondition::bad_request);
  EXPECT_EQ(bad(iq + "id='1' type='set'><a xmlns='x'/><b xmlns='x'/></iq>").error.condition,
            StanzaCondition::bad_request);
  EXPECT_EQ(bad(iq + "id='1' type='result'><a xmlns='x'/><b xmlns='x'/></iq>").error.condition,
            StanzaCondition::bad_request);
  EXPECT_TRUE(good(iq + "id='1' type='set'> <a xmlns='x'/> </iq>").is_request());
  EXPECT_TRUE(good(iq + "id='1' type='result'/>").is_answer());
  EXPECT_TRUE(good(iq + "id='1' type='error'><a xmlns='x'/><error type='cancel'/></iq>").is_answer());
}

TEST(StanzaChecks, a_fault_can_be_answered_unless_it_is_an_answer_itself) {
  const auto fault = bad("<iq xmlns='jabber:client' id='7' to='b@c' type='get'/>");
  ASSERT_TRUE(fault.reply);
  EXPECT_EQ(make_error_reply(*fault.reply, fault.error).to_xml(),
            "<iq type='error' id='7' from='b@c'><error type='modify'>"
            "<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>a get or set has exactly one child</text>"
            "</error></iq>");
  EXPECT_FALSE(bad("<iq xmlns='jabber:client' type='error'/>").reply);
  EXPECT_FALSE(bad("<message xmlns='jabber:client' type='error' to='@'/>").reply);
}

TEST(StanzaChecks, addresses) {
  const auto fault = bad("<message xmlns='jabber:client' to='a b@c' from='x@y'><body/></message>");
  EXPECT_EQ(fault.error.condition, StanzaCondition::jid_malformed);
  ASSERT_TRUE(fault.reply);
  EXPECT_FALSE(fault.reply->to);
  EXPECT_EQ(bad("<presence xmlns='jabber:client' from='@'/>").error.condition, StanzaCondition::jid_malformed);
  EXPECT_EQ(bad("<presence xmlns='jabber:client' to=''/>").error.condition, StanzaCondition::jid_malformed);
}

// RFC 6121 §4.7.1
TEST(StanzaChecks, presence_has_one_of_seven_types_or_none) {
  for (const auto* type :
       {"error", "probe", "subscribe", "subscribed", "unavailable", "unsubscribe", "unsubscribed", ""})
    EXPECT_EQ(good(std::string("<presence xmlns='jabber:client' type='") + type + "'/>").type, type);
  for (const auto* type : {"weird", "available", "Unavailable", "invisible"}) {
    const auto fault = bad(std::string("<presence xmlns='jabber:client' id='p' type='") + type + "'/>");
    EXPECT_EQ(fault.error.condition, StanzaCondition::bad_request) << type;
    EXPECT_TRUE(fault.reply) << type;
  }
}

// RFC 6121 §4.7.2.3
TEST(StanzaChecks, priority_is_a_number_from_minus_128_to_127) {
  const auto with = [](const std::string& text) {
    return "<presence xmlns='jabber:client'><priority>" + text + "</priority></presence>";
  };
  for (const auto& [text, value] : std::initializer_list<std::pair<const char*, int>>{
           {"0", 0}, {"127", 127}, {"-128", -128}, {"+5", 5}, {" 7\n", 7}, {"", 0}, {" ", 0}})
    EXPECT_EQ(presence_priority(good(with(text)).payload), value) << text;
  for (const auto* text : {"128", "-129", "high", "1.5", "5 6", "+", "-", "+-5", "99999999999"})
    EXPECT_EQ(bad(with(text)).error.condition, StanzaCondition::bad_request) << text;
  EXPECT_EQ(presence_priority(good("<presence xmlns='jabber:client'/>").payload), 0);
  EXPECT_EQ(good("<presence xmlns='jabber:client' type='unavailable'><priority>x</priority></presence>").type,
            "unavailable");
}

TEST(Stanza, error_reply_swaps_addresses_and_keeps_the_id) {
  const auto reply = make_error_reply(good(kMessage), StanzaCondition::service_unavailable);
  EXPECT_EQ(
      reply.to_xml(),
      "<message type='error' id='a&apos;1' from='juliet@capulet.example' to='romeo@montague.example/Garden'>"
      "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
}

TEST(Stanza, result) {
  const auto request =
      good("<iq xmlns='jabber:client' id='1' type='get' from='a@b/c'><ping xmlns='urn:xmpp:ping'/></iq>");
  EXPECT_EQ(make_result(request).to_xml(), "<iq type='result' id='1' to='a@b/c'/>");
  EXPECT_EQ(make_result(request, xml::Element("query", ns::kVersion)).to_xml(),
            "<iq type='result' id='1' to='a@b/c'><query xmlns='jabber:iq:version'/></iq>");
}

TEST(Stanza, nobody_took_it) {
  const auto answered = [](Kind kind, std::string_view type) { return unhandled(kind, type).has_value(); };
  EXPECT_TRUE(answered(Kind::iq, "get"));
  EXPECT_TRUE(answered(Kind::iq, "set"));
  EXPECT_FALSE(answered(Kind::iq, "result"));
  EXPECT_FALSE(answered(Kind::iq, "error"));
  for (const auto* type : {"", "normal", "chat", "groupchat", "odd"})
    EXPECT_TRUE(answered(Kind::message, type)) << type;
  EXPECT_FALSE(answered(Kind::message, "headline"));
  EXPECT_FALSE(answered(Kind::message, "error"));
  for (const auto* type : {"", "unavailable", "subscribe", "probe", "error"})
    EXPECT_FALSE(answered(Kind::presence, type));
  EXPECT_EQ(unhandled(Kind::iq, "get")->condition, StanzaCondition::service_unavailable);
}

TEST(Stanza, broken_bytes_are_an_error_and_big_ones_are_not) {
  EXPECT_TRUE((std::holds_alternative<xml::ParseError>(read_stanza({.kind = Kind::message}, "<body>"))));
  const std::string big = "<body a='" + std::string(300'000, 'x') + "'>" + std::string(300'000, 'x') + "</body>";
  EXPECT_TRUE((std::holds_alternative<Stanza>(read_stanza({.kind = Kind::message}, big))));
}

}  // namespace
}  // namespace iris::xmpp
