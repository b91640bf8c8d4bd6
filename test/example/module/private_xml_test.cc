#include "module/private_xml.h"

#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kHamlet = "hamlet@localhost/denmark";
constexpr auto kMacbeth = "macbeth@localhost/glamis";
constexpr auto kSet =
    "<iq type='set' id='1'><query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'><defaultnick>Hamlet"
    "</defaultnick></exodus></query></iq>";
constexpr auto kGet =
    "<iq type='get' id='2'><query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'/></query></iq>";

struct PrivateXmlTest : testing::Test {
  PrivateXmlTest() {
    stage.modules.push_back(make_private_xml());
    stage.login(kHamlet);
  }
  Stage stage;
};

// XEP-0049, examples 1 and 2
TEST_F(PrivateXmlTest, GivesBackWhatWasKept) {
  stage.send(kHamlet, kSet);
  EXPECT_TRUE(are(stage.read(kHamlet), {"<iq type='result' id='1'/>"}));
  stage.send(kHamlet, kGet);
  EXPECT_TRUE(are(stage.read(kHamlet),
                  {"<iq type='result' id='2'><query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'>"
                   "<defaultnick>Hamlet</defaultnick></exodus></query></iq>"}));
}

TEST_F(PrivateXmlTest, GivesBackTheQuestionWhereNothingIsKept) {
  stage.send(kHamlet, kGet);
  EXPECT_TRUE(are(stage.read(kHamlet), {"<iq type='result' id='2'><query xmlns='jabber:iq:private'>"
                                        "<exodus xmlns='exodus:prefs'/></query></iq>"}));
}

// Example 3: "the server MUST return a Forbidden or Service Unavailable error"
TEST_F(PrivateXmlTest, IsNobodyElsesBusiness) {
  stage.login(kMacbeth);
  stage.send(kMacbeth,
             "<iq type='set' id='3' to='hamlet@localhost'><query xmlns='jabber:iq:private'>"
             "<exodus xmlns='exodus:prefs'/></query></iq>");
  EXPECT_TRUE(are(stage.read(kMacbeth), {"<iq type='error' id='3'><error type='auth'>"
                                         "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"}));
}

TEST_F(PrivateXmlTest, RefusesASetOfNothing) {
  stage.send(kHamlet, "<iq type='set' id='4'><query xmlns='jabber:iq:private'/></iq>");
  EXPECT_TRUE(are(stage.read(kHamlet), {"<iq type='error' id='4'><error>"
                                        "<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"}));
}

TEST_F(PrivateXmlTest, HasALimit) {
  auto set = [&](int number) {
    stage.send(kHamlet, "<iq type='set' id='5'><query xmlns='jabber:iq:private'><a xmlns='n:" + std::to_string(number) +
                            "'/></query></iq>");
  };
  for (int i = 0; i < 100; ++i) set(i);
  stage.read(kHamlet);
  set(50);  // one that is there may change
  EXPECT_TRUE(are(stage.read(kHamlet), {"<iq type='result'/>"}));
  set(100);
  EXPECT_TRUE(
      are(stage.read(kHamlet), {"<iq type='error'><error type='wait'>"
                                "<resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"}));
}

}  // namespace
}  // namespace iris::module
