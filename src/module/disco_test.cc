#include "module/disco.h"

#include "module/expect_for_tests.h"
#include "module/roster_rows.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kAlice = "alice@localhost/one";
constexpr auto kBob = "bob@localhost/two";
constexpr auto kInfo =
    "<iq type='get' id='d' to='alice@localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
constexpr auto kRefused =
    "<iq type='error' id='d'><error><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";

TEST(Disco, AnAccountSaysWhatItCanDo) {
  Stage stage;
  stage.login(kAlice);
  stage.send(kAlice, kInfo);
  EXPECT_TRUE(are(
      stage.read(kAlice),
      {"<iq type='result' id='d' from='alice@localhost' to='alice@localhost/one'>"
       "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='account' type='registered'/>"
       "<feature var='http://jabber.org/protocol/disco#info'/><feature var='http://jabber.org/protocol/disco#items'/>"
       "<feature var='http://jabber.org/protocol/rsm'/>"
       "<feature var='urn:xmpp:mam:2'/><feature var='urn:xmpp:mam:2#extended'/><feature var='urn:xmpp:ping'/>"
       "<feature var='urn:xmpp:sid:0'/></query></iq>"}));
}

TEST(Disco, ItHasNoItemsAndNoNodes) {
  Stage stage;
  stage.login(kAlice);
  stage.send(kAlice, "<iq type='get' id='d'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
  EXPECT_TRUE(are(stage.read(kAlice),
                  {"<iq type='result' id='d'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>"}));
  stage.send(kAlice, "<iq type='get' id='d'><query xmlns='http://jabber.org/protocol/disco#info' node='n'/></iq>");
  EXPECT_TRUE(are(
      stage.read(kAlice),
      {"<iq type='error' id='d'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"}));
}

// XEP-0030 §8
TEST(Disco, StrangersLearnNothingNotEvenThatItExists) {
  Stage stage;
  stage.login(kBob);
  stage.send(kBob, kInfo);
  auto nobody = stage.read(kBob);
  EXPECT_TRUE(are(nobody, {kRefused}));
  stage.login(kAlice);
  stage.send(kBob, kInfo);
  EXPECT_EQ(stage.read(kBob), nobody);
  record::RosterRow row;
  row.set_from(true);
  put_contact(stage.account("alice@localhost").state_, "bob@localhost", row);
  stage.send(kBob, kInfo);
  EXPECT_TRUE(are(stage.read(kBob), {"<iq type='result' id='d'/>"}));
}

}  // namespace
}  // namespace iris::module
