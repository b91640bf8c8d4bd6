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

}  // namespace
}  // namespace iris::module
