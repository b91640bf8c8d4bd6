#include "module/ping.h"

#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

// XEP-0199 §4.2, §4.3
TEST(Ping, TheOwnAccountAnswers) {
  Stage stage;
  stage.login("alice@localhost/one");
  for (auto to : {"", "to='alice@localhost'"}) {
    stage.send("alice@localhost/one",
               std::string("<iq type='get' id='p' ") + to + "><ping xmlns='urn:xmpp:ping'/></iq>");
    EXPECT_TRUE(are(stage.read("alice@localhost/one"), {"<iq type='result' id='p' to='alice@localhost/one'/>"}));
  }
}

TEST(Ping, AStrangerLearnsNothing) {
  Stage stage;
  stage.login("alice@localhost/one");
  stage.login("bob@localhost/two");
  for (auto to : {"alice@localhost", "nobody@localhost"}) {
    stage.send("bob@localhost/two",
               std::string("<iq type='get' id='p' to='") + to + "'><ping xmlns='urn:xmpp:ping'/></iq>");
    EXPECT_TRUE(are(stage.read("bob@localhost/two"), {"<iq type='error' id='p'><error><service-unavailable "
                                                      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"}));
  }
}

}  // namespace
}  // namespace iris::module
