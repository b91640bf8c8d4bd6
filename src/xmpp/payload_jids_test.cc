#include "xmpp/payload_jids.h"

#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "xml/push_parser.h"

namespace iris::xmpp {
namespace {

// The payload as it is after reading, or the condition of the error.
std::string read(const std::string& payload, const std::string& attributes = "type='set'") {
  auto parsed = xml::parse_document("<iq xmlns='jabber:client' id='1' " + attributes + ">" + payload + "</iq>");
  auto stanza = read_stanza(std::get<xml::Element>(std::move(parsed)));
  if (auto* fault = std::get_if<StanzaFault>(&stanza)) return std::string(to_string(fault->error.condition));
  return std::get<Stanza>(stanza).inner();
}

struct Row {
  const char* sent;
  const char* read;
};

TEST(PayloadJids, ArePreparedWhereTheTableSaysSo) {
  for (const auto& [sent, expected] : {
           Row{"<query xmlns='jabber:iq:roster'><item jid='BOB@Localhost/x' name='BOB'><group>G</group></item></query>",
               "<query xmlns='jabber:iq:roster'><item jid='bob@localhost' name='BOB'><group>G</group></item></query>"},
           Row{"<query xmlns='jabber:iq:roster'><item jid='a@b'/><item jid='C@D'/></query>",
               "<query xmlns='jabber:iq:roster'><item jid='a@b'/><item jid='c@d'/></query>"},
           Row{"<block xmlns='urn:xmpp:blocking'><item jid='BOB@Localhost/X'/><item jid='EVIL'/></block>",
               "<block xmlns='urn:xmpp:blocking'><item jid='bob@localhost/X'/><item jid='evil'/></block>"},
           Row{"<unblock xmlns='urn:xmpp:blocking'><item jid='BOB@Localhost'/></unblock>",
               "<unblock xmlns='urn:xmpp:blocking'><item jid='bob@localhost'/></unblock>"},
           Row{"<prefs xmlns='urn:xmpp:mam:2' default='roster'><always><jid>BOB@b</jid></always>"
               "<never><jid>C@d</jid><jid>e</jid></never></prefs>",
               "<prefs xmlns='urn:xmpp:mam:2' default='roster'><always><jid>bob@b</jid></always>"
               "<never><jid>c@d</jid><jid>e</jid></never></prefs>"},
       })
    EXPECT_EQ(read(sent), expected);
}

TEST(PayloadJids, ThatAreNoneAreRefused) {
  for (const auto* sent : {"<query xmlns='jabber:iq:roster'><item jid='@localhost'/></query>",
                           "<query xmlns='jabber:iq:roster'><item jid=''/></query>",
                           "<block xmlns='urn:xmpp:blocking'><item jid='a@b'/><item jid='a b@c'/></block>",
                           "<unblock xmlns='urn:xmpp:blocking'><item jid='@'/></unblock>",
                           "<prefs xmlns='urn:xmpp:mam:2'><always><jid/></always></prefs>",
                           "<prefs xmlns='urn:xmpp:mam:2'><never><jid>a@</jid></never></prefs>"}) {
    EXPECT_EQ(read(sent), "jid-malformed") << sent;
  }
}

TEST(PayloadJids, WhatIsNotInTheTableStaysAsItIs) {
  for (const auto* sent : {"<query xmlns='jabber:iq:roster'><item name='none'/></query>",
                           "<query xmlns='jabber:iq:roster'><other jid='@'/></query>",
                           "<query xmlns='jabber:iq:private'><item jid='@'/></query>",
                           "<prefs xmlns='urn:xmpp:mam:2'><jid>@</jid></prefs>"}) {
    EXPECT_EQ(read(sent), sent);
  }
  // What is for another client, and what is no change, is not looked into.
  const std::string bad = "<query xmlns='jabber:iq:roster'><item jid='@'/></query>";
  EXPECT_EQ(read(bad, "type='set' to='a@b/c'"), bad);
  EXPECT_EQ(read(bad, "type='get'"), bad);
  EXPECT_EQ(read(bad, "type='set' to='a@b'"), "jid-malformed");
}

}  // namespace
}  // namespace iris::xmpp
