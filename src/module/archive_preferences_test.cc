#include "module/archive_preferences.h"

#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kAlice = "alice@localhost/one";
constexpr auto kBob = "bob@localhost/two";

std::string prefs(std::string_view fallback, std::string_view always = "", std::string_view never = "") {
  auto list = [](std::string_view name, std::string_view jid) {
    auto out = std::string("<").append(name).append(">");
    if (!jid.empty()) out.append("<jid>").append(jid).append("</jid>");
    return out.append("</").append(name).append(">");
  };
  return std::string("<prefs xmlns='urn:xmpp:mam:2' default='").append(fallback).append("'>") + list("always", always) +
         list("never", never) + "</prefs>";
}

struct ArchivePreferencesTest : testing::Test {
  Stage stage;

  void SetUp() override {
    stage.login(kAlice);
    stage.login(kBob);
  }
  void ask(std::string_view type, std::string_view inside, std::string_view to = "") {
    auto address = to.empty() ? std::string() : std::string(" to='").append(to).append("'");
    stage.send(
        kAlice,
        std::string("<iq id='p' type='").append(type).append("'").append(address).append(">").append(inside) + "</iq>");
  }
  // Wants them, and sees them applied.
  void want(const std::string& wanted) {
    ask("set", wanted);
    EXPECT_TRUE(are(stage.read(kAlice), {"<iq type='result' id='p'>" + wanted + "</iq>"}));
  }
  void refused(const std::string& wanted, std::string_view condition) {
    ask("set", wanted);
    EXPECT_TRUE(are(stage.read(kAlice), {std::string("<iq type='error' id='p'><error><")
                                             .append(condition)
                                             .append(" xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")}));
  }
  bool wanted(std::string_view peer) {
    return is_wanted_in_archive(stage.account("alice@localhost").state(), "alice@localhost", peer);
  }
  // Of the newest row of an account.
  bool newest_visible(std::string_view account) {
    const auto& rows = stage.account(account).rows_;
    return !rows.empty() && rows.rbegin()->second.visible();
  }
};

TEST_F(ArchivePreferencesTest, AllIsArchivedUntilSomethingElseIsSaid) {
  ask("get", "<prefs xmlns='urn:xmpp:mam:2'/>");
  EXPECT_TRUE(are(stage.read(kAlice), {"<iq type='result' id='p'>" + prefs("always") + "</iq>"}));
  EXPECT_TRUE(wanted("bob@localhost/two"));
}

TEST_F(ArchivePreferencesTest, WhatIsSetIsGivenBackAndKept) {
  want(prefs("roster", "romeo@localhost", "tybalt@localhost/duel"));
  ask("get", "<prefs xmlns='urn:xmpp:mam:2'/>");
  EXPECT_TRUE(are(stage.read(kAlice), {"<iq type='result' id='p'>" +
                                       prefs("roster", "romeo@localhost", "tybalt@localhost/duel") + "</iq>"}));
  want(prefs("never"));  // the lists are replaced, not added to
  EXPECT_FALSE(wanted("romeo@localhost"));
  ask("set", "<prefs xmlns='urn:xmpp:mam:2' default='always'/>");  // §2.1.2, §2.1.3: no list is an empty list
  EXPECT_TRUE(are(stage.read(kAlice), {"<iq type='result' id='p'>" + prefs("always") + "</iq>"}));
}

// §2.3.1, §2.1.1: who is listed, how, and what holds then by each default.
TEST_F(ArchivePreferencesTest, TheRulesOfMatching) {
  stage.send(kAlice,
             "<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='friend@localhost'/></query></iq>");
  stage.read(kAlice);
  struct Case {
    const char *always, *never, *peer;
    bool by_always, by_never, by_roster;
  };
  for (const Case& c : std::vector<Case>{
           {"", "", "friend@localhost/x", true, false, true},
           {"", "", "friend@localhost", true, false, true},
           {"", "", "stranger@localhost/x", true, false, false},
           {"", "", "alice@localhost/two", true, false, true},  // to oneself
           {"stranger@localhost", "", "stranger@localhost/x", true, true, true},
           {"stranger@localhost/x", "", "stranger@localhost/x", true, true, true},
           {"stranger@localhost/x", "", "stranger@localhost/y", true, false, false},
           {"stranger@localhost/x", "", "stranger@localhost", true, false, false},
           {"", "friend@localhost", "friend@localhost/x", false, false, false},
           {"", "friend@localhost/x", "friend@localhost/x", false, false, false},
           {"", "friend@localhost/x", "friend@localhost/y", true, false, true},
           {"friend@localhost/x", "friend@localhost", "friend@localhost/x", false, false, false},
           {"localhost", "", "stranger@localhost", true, false, false},  // a domain is an address of its own
       }) {
    SCOPED_TRACE(std::string(c.always) + " | " + c.never + " | " + c.peer);
    want(prefs("always", c.always, c.never));
    EXPECT_EQ(wanted(c.peer), c.by_always);
    want(prefs("never", c.always, c.never));
    EXPECT_EQ(wanted(c.peer), c.by_never);
    want(prefs("roster", c.always, c.never));
    EXPECT_EQ(wanted(c.peer), c.by_roster);
  }
}

// §2.3.2, §2.3.3. It is delivered all the same, and kept for later; each side has preferences of its own.
TEST_F(ArchivePreferencesTest, DecideWhatTheArchiveShows) {
  want(prefs("always", "", "bob@localhost"));
  for (const auto* to : {"bob@localhost", "bob@localhost/two"}) {
    stage.send(kAlice, std::string("<message type='chat' to='") + to + "'><body>out</body></message>");
    EXPECT_FALSE(newest_visible("alice@localhost"));
    EXPECT_TRUE(newest_visible("bob@localhost"));
  }
  for (const auto* to : {"alice@localhost", "alice@localhost/one"}) {
    stage.send(kBob, std::string("<message type='chat' to='") + to + "'><body>in</body></message>");
    EXPECT_FALSE(newest_visible("alice@localhost"));
    EXPECT_TRUE(newest_visible("bob@localhost"));
    EXPECT_TRUE(are(stage.read(kAlice), {"<message><body>in</body></message>"}));
  }
  stage.send(kBob, "<message type='chat' to='alice@localhost'><body>for later</body></message>");
  EXPECT_TRUE(stage.account("alice@localhost").rows_.rbegin()->second.offline());
}

// What a session has not received is routed again when it ends, without an archive id that nobody would find.
TEST_F(ArchivePreferencesTest, HoldAlsoForWhatIsRoutedAgain) {
  want(prefs("never"));
  stage.send(kBob, "<message type='chat' to='alice@localhost/one'><body>in</body></message>");
  stage.end(kAlice);
  const auto& row = stage.account("alice@localhost").rows_.rbegin()->second;
  EXPECT_NE(row.original_stamp(), 0u);
  EXPECT_FALSE(row.visible());
  EXPECT_FALSE(xmpp::Fate::from_bits(row.stanza().fate()).archived);
  EXPECT_TRUE(row.offline());
}

TEST_F(ArchivePreferencesTest, WrongOnesAreRefused) {
  refused("<prefs xmlns='urn:xmpp:mam:2'/>", "bad-request");
  refused(prefs("sometimes"), "bad-request");
  refused("<prefs xmlns='urn:xmpp:mam:2' default='always'><never><jid/></never></prefs>", "jid-malformed");
  stage.options.archive_preferences_max = 1;
  want(prefs("always", "bob@localhost"));
  refused(prefs("never", "bob@localhost", "carol@localhost"), "not-acceptable");
  EXPECT_TRUE(wanted("dave@localhost"));  // nothing of it was taken
}

TEST_F(ArchivePreferencesTest, AreTheirOwnersAlone) {
  for (const auto* type : {"get", "set"}) {
    ask(type, prefs("never"), "bob@localhost");
    EXPECT_TRUE(are(stage.read(kAlice), {"<iq type='error' id='p' from='bob@localhost'><error><forbidden "
                                         "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"}));
  }
  EXPECT_TRUE(wanted("bob@localhost"));
}

}  // namespace
}  // namespace iris::module
