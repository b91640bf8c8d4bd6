#include "module/carbons.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kAlice = "alice@localhost/one";
constexpr auto kBob = "bob@localhost/two";

std::string request(std::string_view what, std::string_view to = "", std::string_view type = "set") {
  return "<iq type='" + std::string(type) + "' id='1'" + std::string(to) + "><" + std::string(what) +
         " xmlns='urn:xmpp:carbons:2'/></iq>";
}

struct CarbonsTest : testing::Test {
  Stage stage;
  // The newest row, and whether it is to be copied.
  bool is_copied(std::string_view bare) {
    auto& rows = stage.account(bare).rows_;
    EXPECT_FALSE(rows.empty());
    return !rows.empty() && rows.rbegin()->second.carbon();
  }
};

// §3, §6.2: of the server
TEST_F(CarbonsTest, TheDomainSpeaksOfThem) {
  EXPECT_THAT(domain_features(), testing::IsSupersetOf({"urn:xmpp:carbons:2", "urn:xmpp:carbons:rules:0"}));
}

// §4, §5, §10.1
TEST_F(CarbonsTest, AreEnabledAndDisabledAsOftenAsOneLikes) {
  stage.login(kBob);
  for (auto [what, on] :
       {std::pair{"enable", true}, {"enable", true}, {"disable", false}, {"disable", false}, {"enable", true}}) {
    for (auto to : {"", " to='bob@localhost'"}) {
      stage.send(kBob, request(what, to));
      EXPECT_TRUE(are(stage.read(kBob), {"<iq type='result' id='1'/>"}));
      EXPECT_EQ(stage.session(kBob).carbons, on);
    }
  }
}

TEST_F(CarbonsTest, OfOthersAreNotAllowed) {
  stage.login(kAlice);
  stage.login(kBob);
  stage.send(kBob, request("enable"));
  stage.send(kAlice, request("disable", " to='bob@localhost'"));
  EXPECT_TRUE(are(stage.read(kAlice), {"<iq type='error' id='1'><error type='cancel'><not-allowed "
                                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"}));
  EXPECT_TRUE(stage.session(kBob).carbons);
}

TEST_F(CarbonsTest, NothingElseIsAsked) {
  stage.login(kBob);
  for (const auto& iq : {request("enable", "", "get"), request("private")}) {
    stage.send(kBob, iq);
    EXPECT_TRUE(are(stage.read(kBob), {"<iq type='error' id='1'><error><service-unavailable "
                                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"}));
  }
}

// §6.1, as the rows of both accounts have it: {what, copied at the sender's, at the recipient's}
TEST_F(CarbonsTest, WhatIsCopied) {
  stage.login(kAlice);
  stage.login(kBob);
  struct Case {
    std::string stanza;
    bool sent, received;
  };
  for (const auto& [stanza, sent, received] : std::vector<Case>{
           {"<message to='bob@localhost' type='chat'><body>x</body></message>", true, true},
           {"<message to='bob@localhost/two' type='chat'><body>x</body></message>", true, true},
           {"<message to='bob@localhost/gone' type='chat'><body>x</body></message>", true, true},
           {"<message to='bob@localhost'><body>x</body></message>", true, true},
           {"<message to='bob@localhost'><received xmlns='urn:xmpp:receipts' id='1'/></message>", true, true},
           {"<message to='bob@localhost/two' type='chat'><body>x</body><private xmlns='urn:xmpp:carbons:2'/></message>",
            false, false},
           {"<message to='bob@localhost/two' type='chat'><body>x</body><no-copy xmlns='urn:xmpp:hints'/></message>",
            false, false},
           {"<message to='bob@localhost/two' type='chat'><body>x</body>"
            "<x xmlns='http://jabber.org/protocol/muc#user'/></message>",
            true, false},
           {"<message to='bob@localhost' type='chat'><body>x</body><no-permanent-store xmlns='urn:xmpp:hints'/>"
            "</message>",
            true, true}}) {
    SCOPED_TRACE(stanza);
    stage.account("alice@localhost").rows_.clear();
    stage.account("bob@localhost").rows_.clear();
    stage.send(kAlice, stanza);
    auto& rows = stage.account("alice@localhost").rows_;
    EXPECT_EQ(!rows.empty() && rows.rbegin()->second.carbon(), sent);
    EXPECT_EQ(is_copied("bob@localhost"), received);
  }
}

// What the archive may not keep is copied all the same; its row is for that alone.
TEST_F(CarbonsTest, WhatIsNotArchivedIsCopiedFromARowThatIsNotSeen) {
  stage.login(kAlice);
  stage.create("bob@localhost");
  stage.send(kAlice, "<message to='bob@localhost' type='chat'><x xmlns='urn:other'/></message>");
  auto& rows = stage.account("alice@localhost").rows_;
  ASSERT_EQ(rows.size(), 1u);
  const auto& row = rows.begin()->second;
  EXPECT_TRUE(row.carbon() && row.outgoing() && !row.visible() && !row.inbox() && !row.offline());
}

// §6.1: an error that answers what was copied. Nobody has the resource: RFC 6121 §8.5.3.2 drops it.
TEST_F(CarbonsTest, AServersErrorIsCopiedIfWhatItAnswersWas) {
  for (auto [payload, copied] : {std::pair{"", true}, {"<private xmlns='urn:xmpp:carbons:2'/>", false}}) {
    Stage other;
    other.login(kAlice);
    other.send(kAlice,
               std::string("<message to='nobody@localhost' type='chat'><body>x</body>") + payload + "</message>");
    const auto& row = other.account("alice@localhost").rows_.rbegin()->second;
    EXPECT_EQ(row.stanza().type(), "error");
    EXPECT_EQ(row.carbon(), copied);
    EXPECT_EQ(row.resource(), "one");
  }
  record::Inbound inbound;
  inbound.mutable_stanza()->set_type("error");
  inbound.mutable_stanza()->set_from("nobody@localhost");
  inbound.mutable_stanza()->set_to("alice@localhost/gone");
  inbound.mutable_stanza()->set_fate(xmpp::Fate{.logged = true, .carbon = true}.bits());
  stage.login(kAlice);
  auto& alice = stage.account("alice@localhost");
  shard::Apply apply(stage.options, alice.jid_, {5'000'000}, alice.state_);
  EXPECT_TRUE(std::ranges::any_of(stage.modules, [&](auto& module) { return module->on_inbound(apply, inbound); }));
  ASSERT_TRUE(apply.kept());
  EXPECT_TRUE(apply.kept()->carbon() && apply.kept()->resource().empty() && !apply.kept()->inbox());
}

}  // namespace
}  // namespace iris::module
