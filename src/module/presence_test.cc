#include "module/presence.h"

#include "module/expect_for_tests.h"
#include "module/roster_rows.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kAlice = "alice@localhost/one";
constexpr auto kPhone = "alice@localhost/phone";
constexpr auto kBob = "bob@localhost/two";

struct PresenceTest : testing::Test {
  Stage stage;
  void grant(std::string_view owner, std::string_view contact, bool to, bool from) {
    record::RosterRow row;
    row.set_listed(true);
    row.set_to(to);
    row.set_from(from);
    put_contact(stage.account(owner).state_, contact, row);
  }
  // bob sees alice, alice does not see bob
  void SetUp() override {
    for (auto full : {kAlice, kPhone, kBob}) stage.bind(full);
    grant("alice@localhost", "bob@localhost", false, true);
    grant("bob@localhost", "alice@localhost", true, false);
  }
};

// §4.2
TEST_F(PresenceTest, InitialPresenceGoesToSubscribersAndOneself) {
  stage.send(kBob, "<presence/>");
  stage.read(kBob);
  stage.send(kAlice, "<presence><show>away</show></presence>");
  EXPECT_TRUE(
      are(stage.read(kBob),
          {"<presence type='-' from='alice@localhost/one' to='bob@localhost/two'><show>away</show></presence>"}));
  EXPECT_TRUE(are(stage.read(kAlice), {"<presence from='alice@localhost/one' to='alice@localhost/one'/>"}));
  EXPECT_TRUE(are(stage.read(kPhone), {}));  // not available itself
}

// §4.3: probes answer for those who were there before.
TEST_F(PresenceTest, ANewSessionLearnsWhoIsThere) {
  stage.send(kAlice, "<presence><status>here</status></presence>");
  stage.send(kBob, "<presence/>");
  EXPECT_TRUE(are(stage.read(kBob), {"<presence from='bob@localhost/two'/>",
                                     "<presence from='alice@localhost/one'><status>here</status></presence>"}));
  stage.read(kAlice);
  stage.send(kPhone, "<presence/>");
  EXPECT_TRUE(
      are(stage.read(kPhone), {"<presence from='alice@localhost/phone'/>", "<presence from='alice@localhost/one'/>"}));
  EXPECT_TRUE(are(stage.read(kAlice), {"<presence from='alice@localhost/phone'/>"}));
}

TEST_F(PresenceTest, AProbeWithoutSubscriptionIsNotAnswered) {
  stage.send(kBob, "<presence/>");
  stage.bind("carol@localhost/three");
  stage.send("carol@localhost/three", "<presence type='probe' to='bob@localhost'/>");
  EXPECT_TRUE(are(stage.read("carol@localhost/three"), {}));
}

// §4.4
TEST_F(PresenceTest, UpdatesFollowWithoutProbes) {
  stage.send(kBob, "<presence/>");
  stage.send(kAlice, "<presence/>");
  stage.read(kBob);
  stage.read(kAlice);
  stage.send(kAlice, "<presence><show>dnd</show></presence>");
  EXPECT_TRUE(are(stage.read(kBob), {"<presence from='alice@localhost/one'><show>dnd</show></presence>"}));
  EXPECT_EQ(stage.read(kAlice).size(), 1u);
}

// §4.5
TEST_F(PresenceTest, UnavailableAndAnEndWithoutIt) {
  for (bool says_so : {true, false}) {
    stage.send(kBob, "<presence/>");
    stage.send(kAlice, "<presence/>");
    stage.read(kBob);
    if (says_so)
      stage.send(kAlice, "<presence type='unavailable'><status>bye</status></presence>");
    else
      stage.end(kAlice);
    EXPECT_TRUE(are(stage.read(kBob), {std::string("<presence type='unavailable' from='alice@localhost/one'>") +
                                       (says_so ? "<status>bye</status>" : "") + "</presence>"}));
  }
}

TEST_F(PresenceTest, AReplacedSessionIsNotGone) {
  stage.send(kBob, "<presence/>");
  stage.send(kAlice, "<presence/>");
  auto& old = stage.session(kAlice);
  auto& sessions = stage.account("alice@localhost").sessions_;
  auto& replacing = *sessions.emplace_back(std::make_unique<shard::Registration>(old));
  replacing.id.number = 99;
  stage.read(kBob);
  for (auto& module : stage.modules) module->on_session_gone(stage.account("alice@localhost"), old);
  EXPECT_TRUE(are(stage.read(kBob), {}));
}

TEST_F(PresenceTest, TheInboxOpensWithThePriority) {
  stage.send(kAlice, "<presence><priority>-5</priority></presence>");
  EXPECT_TRUE(stage.account("alice@localhost").inboxes_opened_.empty());
  stage.send(kAlice, "<presence><priority>0</priority></presence>");
  stage.send(kAlice, "<presence><priority>7</priority></presence>");
  EXPECT_EQ(stage.account("alice@localhost").inboxes_opened_, std::vector<std::string>{"one"});
  EXPECT_EQ(stage.session(kAlice).priority, 7);
}

// §4.6
TEST_F(PresenceTest, DirectedPresenceIsTakenBackAtTheEnd) {
  stage.send(kAlice, "<presence/>");
  stage.bind("carol@localhost/three");
  stage.send("carol@localhost/three", "<presence/>");
  stage.read("carol@localhost/three");
  stage.send(kAlice, "<presence to='carol@localhost'/>");
  stage.send(kAlice, "<presence to='bob@localhost'/>");  // a subscriber: gets the broadcast anyway
  EXPECT_TRUE(
      are(stage.read("carol@localhost/three"), {"<presence from='alice@localhost/one' to='carol@localhost/three'/>"}));
  EXPECT_EQ(stage.session(kAlice).directed, std::vector<std::string>{"carol@localhost"});
  stage.end(kAlice);
  EXPECT_TRUE(are(stage.read("carol@localhost/three"), {"<presence type='unavailable' from='alice@localhost/one'/>"}));
}

TEST_F(PresenceTest, DirectedUnavailableEndsItAtOnceAndTheListIsBounded) {
  stage.options.directed_presences_max = 2;
  stage.send(kAlice, "<presence/>");
  for (auto to : {"c@localhost", "d@localhost", "d@localhost", "e@localhost"})
    stage.send(kAlice, std::string("<presence to='") + to + "'/>");
  EXPECT_EQ(stage.session(kAlice).directed, (std::vector<std::string>{"d@localhost", "e@localhost"}));
  stage.send(kAlice, "<presence to='d@localhost' type='unavailable'/>");
  EXPECT_EQ(stage.session(kAlice).directed, std::vector<std::string>{"e@localhost"});
}

TEST_F(PresenceTest, DirectedToAResourceReachesThatOne) {
  stage.bind("bob@localhost/three");
  stage.send(kAlice, "<presence to='bob@localhost/three'/>");
  EXPECT_EQ(stage.read("bob@localhost/three").size(), 1u);
  EXPECT_EQ(stage.read(kBob).size(), 0u);
}

TEST_F(PresenceTest, ASecondRegistrationAsksAgain) {
  stage.send(kAlice, "<presence/>");
  stage.send(kBob, "<presence/>");
  stage.read(kBob);
  for (auto& module : stage.modules) module->on_session_registered(stage.account("bob@localhost"), stage.session(kBob));
  EXPECT_TRUE(are(stage.read(kBob), {"<presence from='alice@localhost/one'/>"}));
}

}  // namespace
}  // namespace iris::module
