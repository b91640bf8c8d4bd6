#include "module/account.h"

#include "module/account_row.h"
#include "module/expect_for_tests.h"
#include "module/roster_rows.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kAlice = "alice@localhost";

record::AccountChanged::Outcome last_outcome(const Stage& stage) {
  return stage.notices.back().message.account_changed().outcome();
}

TEST(Account, IsMadeOnce) {
  Stage stage;
  stage.create(kAlice);
  EXPECT_EQ(last_outcome(stage), record::AccountChanged::DONE);
  auto created = account_created(stage.account(kAlice).state());
  stage.create(kAlice);
  EXPECT_EQ(last_outcome(stage), record::AccountChanged::EXISTS);
  EXPECT_EQ(account_created(stage.account(kAlice).state()), created);
  EXPECT_EQ(stage.notices.back().to.node, "n");
}

TEST(Account, KeysAndRemovalNeedAnAccount) {
  Stage stage;
  stage.change(kAlice, record::AccountChange::SET_KEYS);
  EXPECT_EQ(last_outcome(stage), record::AccountChanged::MISSING);
  stage.change(kAlice, record::AccountChange::REMOVE);
  EXPECT_EQ(last_outcome(stage), record::AccountChanged::MISSING);
  stage.create(kAlice);
  auto created = account_created(stage.account(kAlice).state());
  stage.change(kAlice, record::AccountChange::SET_KEYS);
  EXPECT_EQ(last_outcome(stage), record::AccountChanged::DONE);
  EXPECT_EQ(account_created(stage.account(kAlice).state()), created);
}

TEST(Account, RemovalLeavesNothingButTheAppliedStamp) {
  Stage stage;
  stage.login("alice@localhost/one");
  stage.send("alice@localhost/one",
             "<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='bob@localhost'/></query></iq>");
  auto& state = stage.account(kAlice).state_;
  state.put("applied", "12345678");
  stage.change(kAlice, record::AccountChange::REMOVE);
  EXPECT_EQ(state.size(), 1u);
  EXPECT_NE(state.find("applied"), nullptr);  // rule S5
}

TEST(Account, RemovalTakesTheArchiveWithIt) {
  Stage stage;
  stage.create("bob@localhost");
  stage.login("alice@localhost/one");
  stage.send("alice@localhost/one", "<message to='bob@localhost' type='chat'><body>hello</body></message>");
  ASSERT_EQ(stage.account(kAlice).rows_.size(), 1u);
  stage.change("bob@localhost", record::AccountChange::REMOVE);
  EXPECT_EQ(stage.account(kAlice).rows_.size(), 1u);
  stage.change(kAlice, record::AccountChange::REMOVE);
  EXPECT_TRUE(stage.account(kAlice).rows_.empty());
}

// RFC 6121 §3.2.2
TEST(Account, RemovalIsSeenByThoseWhoSawTheUser) {
  Stage stage;
  stage.login("alice@localhost/one");
  stage.login("bob@localhost/two");
  stage.send("bob@localhost/two", "<presence type='subscribe' to='alice@localhost'/>");
  stage.send("alice@localhost/one", "<presence type='subscribed' to='bob@localhost'/>");
  static_cast<void>(stage.read("bob@localhost/two"));
  stage.change(kAlice, record::AccountChange::REMOVE);
  EXPECT_TRUE(are(stage.read("bob@localhost/two"), {"<presence type='unavailable' from='alice@localhost/one'/>"}));
}

TEST(Account, RemovalEndsSessionsAndSubscriptions) {
  Stage stage;
  stage.login("alice@localhost/one");
  stage.login("bob@localhost/two");
  stage.send("alice@localhost/one", "<presence type='subscribe' to='bob@localhost'/>");
  stage.send("bob@localhost/two", "<presence type='subscribed' to='alice@localhost'/>");
  ASSERT_TRUE(find_contact(stage.account("bob@localhost").state(), kAlice).from());
  stage.notices.clear();
  stage.change(kAlice, record::AccountChange::REMOVE);
  EXPECT_FALSE(find_contact(stage.account("bob@localhost").state(), kAlice).from());
  bool ended = false;
  for (const auto& notice : stage.notices)
    ended = ended || notice.message.end_session().condition() == "not-authorized";
  EXPECT_TRUE(ended);
  // XEP-0077 §3.2: the answer goes out before its stream is ended.
  EXPECT_EQ(stage.notices.front().message.account_changed().outcome(), record::AccountChanged::DONE);
}

// RFC 6121 §8.5.1
TEST(Account, MessageToNobodyIsAnsweredAndPresenceIsNot) {
  Stage stage;
  stage.login("alice@localhost/one");
  stage.send("alice@localhost/one", "<message to='nobody@localhost' type='chat' id='m'><body>hello</body></message>");
  EXPECT_TRUE(are(stage.read("alice@localhost/one"),
                  {"<message type='error' id='m' from='nobody@localhost' to='alice@localhost/one'><error type='cancel'>"
                   "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"}));
  stage.send("alice@localhost/one", "<message to='nobody@localhost' type='error' id='m2'/>");
  EXPECT_TRUE(are(stage.read("alice@localhost/one"), {}));
  EXPECT_TRUE(stage.account("nobody@localhost").state().empty());
}

TEST(Account, WhatAClientSendsAfterRemovalLeavesNoTrace) {
  Stage stage;
  stage.login("alice@localhost/one");
  stage.change(kAlice, record::AccountChange::REMOVE);
  stage.send("alice@localhost/one", "<presence type='subscribe' to='bob@localhost'/>");
  EXPECT_TRUE(stage.account(kAlice).state().empty());
}

}  // namespace
}  // namespace iris::module
