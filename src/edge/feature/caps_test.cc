// XEP-0115 of the domain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"
#include "xml/push_parser.h"
#include "xmpp/caps.h"

namespace iris::edge {
namespace {

using testing::HasSubstr;
using testing::Not;

class CapsTest : public StreamTest {
 protected:
  // What a client does with what it was offered: asks for the node, and checks the hash (XEP-0115 §5.4).
  std::string check(Peer& peer, const std::string& features) {
    const auto c = between(features, "<c ", ">");
    EXPECT_THAT(c, HasSubstr("hash='sha-1'"));
    const auto node = between(c, "node='", "'"), ver = between(c, "ver='", "'");
    const auto out = say(peer,
                         "<iq type='get' id='d' to='localhost'><query "
                         "xmlns='http://jabber.org/protocol/disco#info' node='" +
                             node + "#" + ver + "'/></iq>");
    auto parsed = xml::parse_document(out);
    if (!std::holds_alternative<xml::Element>(parsed)) return "not XML: " + out;
    const auto* query = std::get<xml::Element>(parsed).child("query", "http://jabber.org/protocol/disco#info");
    if (query == nullptr) return "no answer: " + out;
    EXPECT_EQ(query->attribute_or("node", ""), node + "#" + ver);
    EXPECT_EQ(xmpp::caps_hash(*query), ver);
    return ver;
  }
  std::string hash() {
    auto peer = connect();
    EXPECT_THAT(say(peer, kOpen), Not(HasSubstr("protocol/caps")));
    say(peer, plain("romeo", "secret"));
    const auto features = say(peer, kOpen);
    say(peer, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    return check(peer, features);
  }
};

TEST_F(CapsTest, TheHashIsThatOfTheAnswer) {
  make_account();
  EXPECT_EQ(hash().size(), 28u);
}

TEST_F(CapsTest, WhatIsConfiguredIsInTheHash) {
  make_account();
  const auto plain_hash = hash();
  w.options.module_features = {"urn:xmpp:mam:2"};
  const auto with_module = hash();
  w.options.contacts.admin = {"xmpp:admin@localhost"};
  const auto with_form = hash();
  EXPECT_NE(plain_hash, with_module);
  EXPECT_NE(with_module, with_form);
}

TEST_F(CapsTest, TheNodeIsConfigured) {
  make_account();
  w.options.caps_node = "https://chat.example/about";
  auto again = connect();
  say(again, kOpen);
  say(again, plain("romeo", "secret"));
  EXPECT_THAT(say(again, kOpen), HasSubstr("node='https://chat.example/about'"));
}

}  // namespace
}  // namespace iris::edge
