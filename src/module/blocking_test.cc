#include "module/blocking.h"

#include "module/block_rows.h"
#include "module/expect_for_tests.h"
#include "module/roster_rows.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kJuliet = "juliet@localhost/chamber";
constexpr auto kBalcony = "juliet@localhost/balcony";
constexpr auto kRomeo = "romeo@localhost/orchard";
constexpr auto kResult = "<iq type='result'/>";

std::string error(std::string_view kind, std::string_view type, std::string_view condition) {
  return "<" + std::string(kind) + " type='error'><error type='" + std::string(type) + "'><" + std::string(condition) +
         " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></" + std::string(kind) + ">";
}
// Of a stanza for a JID that its sender blocks.
std::string blocked(std::string_view kind) {
  return "<" + std::string(kind) +
         " type='error' to='juliet@localhost/chamber'><error type='cancel'><not-acceptable "
         "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><blocked xmlns='urn:xmpp:blocking:errors'/></error></" +
         std::string(kind) + ">";
}

std::string items(const std::vector<std::string>& jids) {
  std::string out;
  for (const auto& jid : jids) out += "<item jid='" + jid + "'/>";
  return out;
}

struct BlockingTest : testing::Test {
  BlockingTest() {
    stage.login(kJuliet);
    stage.login(kRomeo);
  }
  std::vector<std::string> say(std::string_view name, const std::vector<std::string>& jids) {
    stage.send(kJuliet, "<iq type='set' id='c'><" + std::string(name) + " xmlns='urn:xmpp:blocking'>" + items(jids) +
                            "</" + std::string(name) + "></iq>");
    return stage.read(kJuliet);
  }
  std::vector<std::string> block(const std::vector<std::string>& jids) { return say("block", jids); }
  std::vector<std::string> unblock(const std::vector<std::string>& jids) { return say("unblock", jids); }
  std::vector<std::string> list(std::string_view who = kJuliet) {
    stage.send(who, "<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>");
    return stage.read(who);
  }
  static std::string list_of(const std::vector<std::string>& jids) {
    return "<iq type='result' id='l'><blocklist xmlns='urn:xmpp:blocking'>" + items(jids) + "</blocklist></iq>";
  }
  static std::string push(std::string_view name, const std::vector<std::string>& jids) {
    return "<iq type='set' id='*' from='-'><" + std::string(name) + " xmlns='urn:xmpp:blocking'>" + items(jids) + "</" +
           std::string(name) + "></iq>";
  }
  void befriend() {
    stage.send(kRomeo, "<presence type='subscribe' to='juliet@localhost'/>");
    stage.send(kJuliet, "<presence type='subscribed' to='romeo@localhost'/>");
    stage.send(kJuliet, "<presence type='subscribe' to='romeo@localhost'/>");
    stage.send(kRomeo, "<presence type='subscribed' to='juliet@localhost'/>");
    forget();
  }
  void forget() {
    for (auto& [_, account] : stage.accounts) account->written_.clear();
  }
  Stage stage;
};

// ---------------------------------------------------------------- §5

TEST(BlockRows, MatchByForm) {
  struct Row {
    const char* rule;
    const char* jid;
    bool fits;
  };
  constexpr Row kRows[] = {
      {"user@domain/resource", "user@domain/resource", true},
      {"user@domain/resource", "user@domain/other", false},
      {"user@domain/resource", "user@domain", false},
      {"user@domain", "user@domain/resource", true},
      {"user@domain", "user@domain", true},
      {"user@domain", "other@domain", false},
      {"user@domain", "domain", false},
      {"domain/resource", "domain/resource", true},
      {"domain/resource", "domain", false},
      {"domain/resource", "user@domain/resource", false},
      {"domain", "domain", true},
      {"domain", "user@domain", true},
      {"domain", "user@domain/resource", true},
      {"domain", "domain/resource", true},
      {"domain", "sub.domain", false},
      {"domain", "user@sub.domain", false},
      {"domain", "", false},
      // §4, note: never one resource of the user from another
      {"domain", "me@domain/one", false},
      {"me@domain", "me@domain/one", false},
      {"me@domain/one", "me@domain/one", false},
  };
  for (const auto& row : kRows) {
    shard::State state;
    put_block(state, row.rule);
    EXPECT_EQ(is_blocked(state, "me@domain", row.jid), row.fits) << row.rule << " " << row.jid;
  }
}

// ---------------------------------------------------------------- §3.2 to §3.5: the list

TEST_F(BlockingTest, TheListIsWhatWasSet) {
  EXPECT_TRUE(are(list(), {list_of({})}));
  EXPECT_TRUE(are(block({"romeo@montague.net", "iago@shakespeare.lit"}),
                  {push("block", {"romeo@montague.net", "iago@shakespeare.lit"}), kResult}));
  EXPECT_TRUE(are(list(), {list_of({"iago@shakespeare.lit", "romeo@montague.net"})}));
  EXPECT_TRUE(are(unblock({"romeo@montague.net"}), {push("unblock", {"romeo@montague.net"}), kResult}));
  EXPECT_TRUE(are(list(), {list_of({"iago@shakespeare.lit"})}));
  block({"a@b", "b"});
  const auto all = unblock({});
  EXPECT_TRUE(are(all, {push("unblock", {}), kResult}));
  EXPECT_EQ(all.at(0).find("<item"), std::string::npos);
  const auto empty = list();
  EXPECT_EQ(empty.at(0).find("<item"), std::string::npos) << empty.at(0);
}

// "all of the user's resources that have requested the blocklist"
TEST_F(BlockingTest, PushesGoToThoseWhoHaveRequestedTheList) {
  stage.login(kBalcony);
  stage.login("juliet@localhost/crypt");
  list(kBalcony);
  EXPECT_TRUE(are(block({"iago@shakespeare.lit"}), {kResult}));
  EXPECT_TRUE(are(stage.read(kBalcony), {push("block", {"iago@shakespeare.lit"})}));
  EXPECT_TRUE(stage.read("juliet@localhost/crypt").empty());
}

TEST_F(BlockingTest, WhatIsNoCommandIsRefused) {
  EXPECT_TRUE(are(block({}), {error("iq", "modify", "bad-request")}));
  stage.send(kJuliet, "<iq type='set' id='c'><block xmlns='urn:xmpp:blocking'><item/></block></iq>");
  EXPECT_TRUE(are(stage.read(kJuliet), {error("iq", "modify", "bad-request")}));
  stage.send(kJuliet, "<iq type='set' id='c'><unblock xmlns='urn:xmpp:blocking'><item/></unblock></iq>");
  EXPECT_TRUE(are(stage.read(kJuliet), {error("iq", "modify", "bad-request")}));
}

TEST_F(BlockingTest, IsNobodyElsesBusiness) {
  for (const auto* to : {"juliet@localhost", "nobody@localhost"}) {
    stage.send(kRomeo,
               "<iq type='get' id='l' to='" + std::string(to) + "'><blocklist xmlns='urn:xmpp:blocking'/></iq>");
    stage.send(kRomeo, "<iq type='set' id='l' to='" + std::string(to) +
                           "'><block xmlns='urn:xmpp:blocking'><item jid='a@b'/></block></iq>");
    EXPECT_TRUE(are(stage.read(kRomeo),
                    {error("iq", "cancel", "service-unavailable"), error("iq", "cancel", "service-unavailable")}));
  }
}

TEST_F(BlockingTest, TheListHasALimit) {
  stage.options.blocked_max = 3;
  EXPECT_TRUE(are(block({"a@b", "c@d"}), {kResult}));
  EXPECT_TRUE(are(block({"e@f", "g@h"}), {error("iq", "wait", "resource-constraint")}));
  EXPECT_TRUE(are(block({"a@b", "e@f"}), {kResult}));  // one of them is there
  EXPECT_TRUE(are(block({"a@b"}), {kResult}));
  EXPECT_TRUE(are(list(), {list_of({"a@b", "c@d", "e@f"})}));
}

// ---------------------------------------------------------------- §3.3: what comes from the blocked

struct Cell {
  const char* sends;     // the blocked one, or to the blocked one; %: the address
  const char* answered;  // by the kind of the error; null: by nothing
};

TEST_F(BlockingTest, WhatTheBlockedSendsIsNotDelivered) {
  constexpr Cell kCells[] = {
      {"<message to='%' type='chat'><body>hi</body></message>", "message"},
      {"<message to='%'><body>hi</body></message>", "message"},
      {"<message to='%' type='groupchat'><body>hi</body></message>", "message"},
      {"<message to='%' type='headline'><body>hi</body></message>", "message"},
      {"<message to='%' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>", "message"},
      {"<message to='%' type='error'><error type='cancel'/></message>", nullptr},
      {"<presence to='%'/>", nullptr},
      {"<presence to='%' type='unavailable'/>", nullptr},
      {"<presence to='%' type='probe'/>", nullptr},
      {"<presence to='%' type='subscribe'/>", nullptr},
      {"<presence to='%' type='subscribed'/>", nullptr},
      {"<presence to='%' type='unsubscribe'/>", nullptr},
      {"<presence to='%' type='unsubscribed'/>", nullptr},
      {"<iq to='%' type='get' id='i'><ping xmlns='urn:xmpp:ping'/></iq>", "iq"},
      {"<iq to='%' type='get' id='i'><query xmlns='jabber:iq:last'/></iq>", "iq"},
      {"<iq to='%' type='get' id='i'><vCard xmlns='vcard-temp'/></iq>", "iq"},
      {"<iq to='%' type='set' id='i'><what xmlns='nobody:knows'/></iq>", "iq"},
      {"<iq to='%' type='result' id='i'/>", nullptr},
      {"<iq to='%' type='error' id='i'><error type='cancel'/></iq>", nullptr},
  };
  befriend();
  stage.send(kJuliet, "<iq type='set' id='v'><vCard xmlns='vcard-temp'><FN>Juliet</FN></vCard></iq>");
  block({"romeo@localhost"});
  forget();
  for (const auto* address : {"juliet@localhost", kJuliet}) {
    for (const auto& cell : kCells) {
      std::string xml = cell.sends;
      xml.replace(xml.find('%'), 1, address);
      const auto rows = stage.account("juliet@localhost").rows_.size();
      stage.send(kRomeo, xml);
      EXPECT_TRUE(stage.read(kJuliet).empty()) << xml;
      EXPECT_EQ(stage.account("juliet@localhost").rows_.size(), rows) << "nothing is archived: " << xml;
      auto out = stage.read(kRomeo);
      std::erase_if(out, [](const std::string& one) { return one.starts_with("<iq type='set'"); });  // roster pushes
      std::vector<std::string> expected;
      if (cell.answered) expected.push_back(error(cell.answered, "cancel", "service-unavailable"));
      EXPECT_TRUE(are(out, expected)) << xml;
    }
  }
}

// "the server MUST NOT route the stanza to the JID but instead MUST return a not-acceptable error"
TEST_F(BlockingTest, NothingIsSentToTheBlocked) {
  constexpr Cell kCells[] = {
      {"<message to='%' type='chat'><body>hi</body></message>", "message"},
      {"<message to='%' type='headline'><body>hi</body></message>", "message"},
      {"<message to='%' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>", "message"},
      {"<message to='%' type='error'><error type='cancel'/></message>", nullptr},
      {"<presence to='%'/>", "presence"},
      {"<presence to='%' type='unavailable'/>", "presence"},
      {"<presence to='%' type='probe'/>", "presence"},
      {"<presence to='%' type='subscribe'/>", "presence"},
      {"<presence to='%' type='subscribed'/>", "presence"},
      {"<presence to='%' type='unsubscribe'/>", "presence"},
      {"<presence to='%' type='unsubscribed'/>", "presence"},
      {"<iq to='%' type='get' id='i'><what xmlns='nobody:knows'/></iq>", "iq"},
      {"<iq to='%' type='set' id='i'><what xmlns='nobody:knows'/></iq>", "iq"},
      {"<iq to='%' type='result' id='i'/>", nullptr},
      {"<iq to='%' type='error' id='i'><error type='cancel'/></iq>", nullptr},
  };
  befriend();
  block({"romeo@localhost"});
  forget();
  for (const auto* address : {"romeo@localhost", kRomeo}) {
    for (const auto& cell : kCells) {
      std::string xml = cell.sends;
      xml.replace(xml.find('%'), 1, address);
      const auto rows = stage.account("juliet@localhost").rows_.size();
      stage.send(kJuliet, xml);
      EXPECT_TRUE(stage.read(kRomeo).empty()) << xml;
      EXPECT_EQ(stage.account("juliet@localhost").rows_.size(), rows) << "nothing is archived: " << xml;
      std::vector<std::string> expected;
      if (cell.answered) expected.push_back(blocked(cell.answered));
      EXPECT_TRUE(are(stage.read(kJuliet), expected)) << xml;
    }
  }
}

TEST_F(BlockingTest, AFullJidBlocksThatResourceOnly) {
  stage.login("romeo@localhost/tomb");
  block({kRomeo});
  forget();
  const auto say = [&](std::string_view who) {
    stage.send(who, "<message to='juliet@localhost' type='chat'><body>hi</body></message>");
    return stage.read(kJuliet).size();
  };
  EXPECT_EQ(say(kRomeo), 0u);
  EXPECT_EQ(say("romeo@localhost/tomb"), 1u);
}

TEST_F(BlockingTest, ADomainBlocksAllOfIt) {
  stage.login(kBalcony);
  block({"localhost"});
  forget();
  stage.send(kRomeo, "<message to='juliet@localhost' type='chat'><body>hi</body></message>");
  EXPECT_TRUE(are(stage.read(kRomeo), {error("message", "cancel", "service-unavailable")}));
  stage.send(kBalcony, "<message to='juliet@localhost/chamber' type='chat'><body>to myself</body></message>");
  EXPECT_TRUE(are(stage.read(kJuliet), {"<message from='juliet@localhost/balcony'><body>to myself</body></message>"}));
}

TEST_F(BlockingTest, AfterUnblockingAllIsAsBefore) {
  block({"romeo@localhost"});
  unblock({"romeo@localhost"});
  forget();
  stage.send(kRomeo, "<message to='juliet@localhost' type='chat'><body>hi</body></message>");
  EXPECT_TRUE(are(stage.read(kJuliet), {"<message><body>hi</body></message>"}));
  stage.send(kJuliet, "<message to='romeo@localhost' type='chat'><body>hi</body></message>");
  EXPECT_TRUE(are(stage.read(kRomeo), {"<message><body>hi</body></message>"}));
}

// ---------------------------------------------------------------- presence

TEST_F(BlockingTest, WhoIsBlockedSeesTheUserLeaveAndComeBack) {
  befriend();
  block({"romeo@localhost"});
  EXPECT_TRUE(are(stage.read(kRomeo), {"<presence type='unavailable' from='juliet@localhost/chamber'/>"}));
  stage.send(kJuliet, "<presence><show>dnd</show></presence>");
  EXPECT_TRUE(stage.read(kRomeo).empty()) << "the broadcast passes the blocked by";
  stage.read(kJuliet);
  unblock({"romeo@localhost"});
  EXPECT_TRUE(
      are(stage.read(kRomeo), {"<presence type='-' from='juliet@localhost/chamber'><show>dnd</show></presence>"}));
}

TEST_F(BlockingTest, TheUserHearsAgainOfWhomIsUnblocked) {
  befriend();
  block({"romeo@localhost"});
  stage.send(kRomeo, "<presence><status>Alas</status></presence>");
  forget();
  EXPECT_TRUE(are(unblock({}), {kResult, "<presence from='romeo@localhost/orchard'><status>Alas</status></presence>"}));
}

// "only if the JID is allowed to receive presence notifications from the user"
TEST_F(BlockingTest, AStrangerSeesNothing) {
  block({"romeo@localhost"});
  unblock({"romeo@localhost"});
  EXPECT_TRUE(stage.read(kRomeo).empty());
}

TEST_F(BlockingTest, AlsoWhoHadDirectedPresenceSeesTheUserLeave) {
  stage.send(kJuliet, "<presence to='romeo@localhost'/>");
  stage.read(kRomeo);
  block({"romeo@localhost"});
  EXPECT_TRUE(are(stage.read(kRomeo), {"<presence type='unavailable' from='juliet@localhost/chamber'/>"}));
  stage.send(kJuliet, "<presence type='unavailable'/>");
  EXPECT_TRUE(stage.read(kRomeo).empty());
}

TEST_F(BlockingTest, ADomainHidesTheUserFromEachContactOfIt) {
  befriend();
  block({"localhost"});
  EXPECT_TRUE(are(stage.read(kRomeo), {"<presence type='unavailable' from='juliet@localhost/chamber'/>"}));
  block({"romeo@localhost"});
  forget();
  unblock({"romeo@localhost"});
  EXPECT_TRUE(stage.read(kRomeo).empty()) << "the domain is still blocked";
  unblock({"localhost"});
  EXPECT_TRUE(are(stage.read(kRomeo), {"<presence type='-' from='juliet@localhost/chamber'/>"}));
}

TEST_F(BlockingTest, ALoginNeitherProbesTheBlockedNorShowsTheirRequests) {
  befriend();
  stage.login("tybalt@localhost/street");
  stage.send("tybalt@localhost/street", "<presence type='subscribe' to='juliet@localhost'/>");
  block({"romeo@localhost", "tybalt@localhost"});
  forget();
  stage.bind(kBalcony);
  stage.send(kBalcony, "<presence/>");
  for (const auto& out : stage.read(kBalcony)) EXPECT_NE(out.find("from='juliet"), std::string::npos) << out;
  EXPECT_TRUE(stage.read(kRomeo).empty());
  stage.end(kBalcony);
  EXPECT_TRUE(stage.read(kRomeo).empty());
}

// "polite blocking": §4
TEST_F(BlockingTest, SubscriptionsStayAsTheyAre) {
  befriend();
  block({"romeo@localhost"});
  const auto row = find_contact(stage.account("juliet@localhost").state_, "romeo@localhost");
  EXPECT_TRUE(row.to() && row.from());
}

TEST_F(BlockingTest, ARequestOfTheBlockedIsNotKept) {
  block({"romeo@localhost"});
  stage.send(kRomeo, "<presence type='subscribe' to='juliet@localhost'/>");
  EXPECT_FALSE(find_contact(stage.account("juliet@localhost").state_, "romeo@localhost").ask_in());
}

}  // namespace
}  // namespace iris::module
