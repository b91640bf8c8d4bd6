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
  EXPECT_TRUE(are(stage.read(kBob),
                  {"<presence type='-' from='alice@localhost/one' to='bob@localhost'><show>away</show></presence>"}));
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

// §4.3.2: bob sees alice, carol does not; alice's one is available, her phone is not.
struct Probe {
  const char* from;
  const char* to;
  std::vector<std::string> answers;
};

TEST_F(PresenceTest, ProbesAreAnsweredAsTheTextSays) {
  for (auto full : {"carol@localhost/three", "dave@localhost/four"}) stage.bind(full);
  grant("alice@localhost", "dave@localhost", true, false);  // she sees him, he does not see her
  stage.send(kAlice, "<presence id='mine'><show>away</show></presence>");
  const auto full_stanza = "<presence type='-' id='mine' from='alice@localhost/one'><show>away</show></presence>";
  for (const auto& [from, to, answers] : std::vector<Probe>{
           // rule 1: no subscription, or no account
           {"carol@localhost/three",
            "alice@localhost",
            {"<presence type='unsubscribed' id='p' from='alice@localhost'/>"}},
           {"carol@localhost/three",
            "alice@localhost/one",
            {"<presence type='unsubscribed' id='p' from='alice@localhost'/>"}},
           {"dave@localhost/four",
            "alice@localhost",
            {"<presence type='unsubscribed' id='p' from='alice@localhost'/>"}},
           {"carol@localhost/three",
            "nobody@localhost",
            {"<presence type='unsubscribed' id='p' from='nobody@localhost'/>"}},
           // rule 4: who is there, with all that was said; and its id (§4.3.2.1)
           {kBob, "alice@localhost", {full_stanza}},
           // a full JID: that one and no other, and no more than that it is there
           {kBob, "alice@localhost/one", {"<presence type='-' id='mine' from='alice@localhost/one'/>"}},
           {kBob, "alice@localhost/phone", {"<presence type='unavailable' id='p' from='alice@localhost/phone'/>"}},
           {kBob, "alice@localhost/gone", {"<presence type='unavailable' id='p' from='alice@localhost/gone'/>"}},
           // oneself
           {kPhone, "alice@localhost", {full_stanza}},
       }) {
    SCOPED_TRACE(std::string(from) + " probes " + to);
    stage.read(from);
    stage.send(from, std::string("<presence type='probe' id='p' to='") + to + "'/>");
    auto seen = stage.read(from);
    EXPECT_TRUE(are(seen, answers));
    if (std::string_view(to) == "alice@localhost/one" && !seen.empty()) {
      EXPECT_EQ(seen[0].find("away"), std::string::npos);
    }
  }
  stage.send(kAlice, "<presence type='unavailable'/>");  // rule 3
  stage.read(kBob);
  stage.send(kBob, "<presence type='probe' id='p' to='alice@localhost'/>");
  EXPECT_TRUE(are(stage.read(kBob), {"<presence type='unavailable' id='p' from='alice@localhost'/>"}));
}

// §4.6.6: whoever was told directly may ask of that resource, and learns no more than that it is there.
TEST_F(PresenceTest, DirectedPresenceAllowsAProbe) {
  constexpr auto kCarol = "carol@localhost/three";
  stage.bind(kCarol);
  stage.bind("carol@localhost/other");
  const auto probe = "<presence type='probe' id='p' to='alice@localhost/one'/>";
  const auto refused = "<presence type='unsubscribed' id='p' from='alice@localhost'/>";
  const auto there = "<presence type='-' from='alice@localhost/one'/>";
  stage.send(kAlice, "<presence to='carol@localhost/three'><status>psst</status></presence>");
  stage.read(kCarol);
  stage.send(kCarol, probe);
  auto seen = stage.read(kCarol);
  EXPECT_TRUE(are(seen, {there}));
  EXPECT_EQ(seen.at(0).find("psst"), std::string::npos);
  stage.send("carol@localhost/other", probe);
  EXPECT_TRUE(are(stage.read("carol@localhost/other"), {refused}));
  stage.send(kAlice, "<presence to='carol@localhost'/>");
  stage.send("carol@localhost/other", probe);
  EXPECT_TRUE(are(stage.read("carol@localhost/other"), {there}));
  for (auto to : {"carol@localhost", "carol@localhost/three"})
    stage.send(kAlice, std::string("<presence type='unavailable' to='") + to + "'/>");
  stage.read(kCarol);
  stage.send(kCarol, probe);
  EXPECT_TRUE(are(stage.read(kCarol), {refused}));
}

// Probes that a server makes at login are not answered by "away" or "not yours".
TEST_F(PresenceTest, ALoginBringsNothingOfThoseWhoAreAway) {
  grant("bob@localhost", "carol@localhost", true, false);
  stage.create("carol@localhost");
  stage.send(kBob, "<presence/>");
  EXPECT_TRUE(are(stage.read(kBob), {"<presence from='bob@localhost/two'/>"}));
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

// §4.5.2: the resource that has said so hears it too.
TEST_F(PresenceTest, UnavailableComesBackToItsSender) {
  stage.send(kAlice, "<presence/>");
  stage.read(kAlice);
  stage.send(kAlice, "<presence type='unavailable'/>");
  EXPECT_TRUE(are(stage.read(kAlice), {"<presence type='unavailable' from='alice@localhost/one'/>"}));
  stage.send(kAlice, "<presence type='unavailable'/>");  // it is no news
  EXPECT_TRUE(are(stage.read(kAlice), {}));
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
      are(stage.read("carol@localhost/three"), {"<presence from='alice@localhost/one' to='carol@localhost'/>"}));
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

// §4.6.1
TEST_F(PresenceTest, WhoeverLeavesIsForgottenAsATarget) {
  stage.bind("carol@localhost/three");
  stage.send("carol@localhost/three", "<presence/>");
  for (auto to : {"carol@localhost/three", "dave@localhost"})
    stage.send(kAlice, std::string("<presence to='") + to + "'/>");
  stage.send("carol@localhost/three", "<presence to='alice@localhost/one' type='unavailable'/>");
  EXPECT_EQ(stage.session(kAlice).directed, std::vector<std::string>{"dave@localhost"});
}

TEST_F(PresenceTest, WrongTypesAndPrioritiesAreRefused) {
  for (auto wrong : {"<presence type='weird' id='p'/>", "<presence id='p'><priority>128</priority></presence>",
                     "<presence id='p'><priority>high</priority></presence>"}) {
    stage.send(kAlice, wrong);
    EXPECT_TRUE(are(stage.read(kAlice), {"<presence type='error' id='p'><error type='modify'><bad-request "
                                         "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"}));
  }
  EXPECT_FALSE(stage.session(kAlice).available);
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
