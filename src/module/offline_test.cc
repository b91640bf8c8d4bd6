#include "module/offline.h"

#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

// XEP-0160 §3, as the stanza table decides it: what is kept for those who are away, and what is not.
TEST(Offline, WhatIsKept) {
  for (auto [stanza, kept] : std::vector<std::pair<std::string, bool>>{
           {"<message to='bob@localhost' type='chat'><body>hello</body></message>", true},
           {"<message to='bob@localhost'><body>hello</body></message>", true},
           {"<message to='bob@localhost' type='headline'><body>news</body></message>", false},
           {"<message to='bob@localhost' type='chat'><composing "
            "xmlns='http://jabber.org/protocol/chatstates'/></message>",
            false},
           {"<message to='bob@localhost' type='chat'><body>x</body><no-store xmlns='urn:xmpp:hints'/></message>",
            false}}) {
    SCOPED_TRACE(stanza);
    Stage stage;
    stage.create("bob@localhost");
    stage.login("alice@localhost/one");
    stage.send("alice@localhost/one", stanza);
    bool offline = false;
    for (const auto& [_, row] : stage.account("bob@localhost").rows_) offline = offline || row.offline();
    EXPECT_EQ(offline, kept);
  }
}

// §2: the sender of what exceeds the quota is told, and nothing is kept of it, in the archive either (XEP-0313 §6.1).
TEST(Offline, BeyondTheQuotaTheSenderIsTold) {
  Stage stage;
  stage.options.offline_messages_max = 2;
  stage.create("bob@localhost");
  stage.login("alice@localhost/one");
  for (const auto* id : {"m1", "m2", "m3"})
    stage.send("alice@localhost/one",
               std::string("<message to='bob@localhost' type='chat' id='") + id + "'><body>hello</body></message>");
  EXPECT_TRUE(are(stage.read("alice@localhost/one"),
                  {"<message type='error' id='m3' from='bob@localhost'><error type='cancel'>"
                   "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"}));
  EXPECT_EQ(stage.account("bob@localhost").rows_.size(), 2u);
  // A full JID that matches no session is the account's too (RFC 6121 §8.5.3.2.1). What is not kept is not counted.
  stage.send("alice@localhost/one", "<message to='bob@localhost/x' type='chat' id='m4'><body>hello</body></message>");
  EXPECT_EQ(stage.read("alice@localhost/one").size(), 1u);
  stage.send("alice@localhost/one", "<message to='bob@localhost' type='headline' id='m5'><body>news</body></message>");
  EXPECT_TRUE(are(stage.read("alice@localhost/one"), {}));
  // While somebody is there nothing is refused.
  stage.bind("bob@localhost/two");
  stage.send("alice@localhost/one", "<message to='bob@localhost' type='chat' id='m6'><body>hello</body></message>");
  EXPECT_TRUE(are(stage.read("alice@localhost/one"), {}));
  EXPECT_EQ(stage.account("bob@localhost").rows_.size(), 3u);
}

// It was accepted and archived when it first came.
TEST(Offline, WhatIsRoutedAgainIsNeverRefused) {
  Stage stage;
  stage.options.offline_messages_max = 1;
  stage.login("bob@localhost/two");
  stage.login("alice@localhost/one");
  for (int i = 0; i < 3; ++i)
    stage.send("alice@localhost/one", "<message to='bob@localhost/two' type='chat'><body>hello</body></message>");
  stage.end("bob@localhost/two");
  EXPECT_TRUE(are(stage.read("alice@localhost/one"), {}));
  EXPECT_EQ(stage.account("bob@localhost").rows_.size(), 6u);
}

}  // namespace
}  // namespace iris::module
