#include "module/roster.h"

#include <algorithm>
#include <functional>

#include "module/expect_for_tests.h"
#include "module/roster_rows.h"
#include "module/routing.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kAlice = "alice@localhost/one";
constexpr auto kBob = "bob@localhost/two";
constexpr auto kGet = "<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>";

std::string set(std::string_view item) {
  return std::string("<iq type='set' id='s'><query xmlns='jabber:iq:roster'>").append(item) + "</query></iq>";
}
std::string push(std::string_view item) {
  return std::string("<iq type='set' id='*' from='-'><query xmlns='jabber:iq:roster'>").append(item) + "</query></iq>";
}
std::string error(std::string_view condition) {
  return std::string("<iq type='error' id='s'><error><")
      .append(condition)
      .append(" xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
}
constexpr auto kResult = "<iq type='result' id='s'/>";

struct RosterTest : testing::Test {
  Stage stage;
  void SetUp() override {
    for (auto full : {kAlice, kBob}) {
      stage.login(full);
      stage.send(full, kGet);
    }
    forget();
  }
  void forget() {
    stage.read(kAlice);
    stage.read(kBob);
  }
  record::RosterRow contact(std::string_view owner, std::string_view bare) {
    return find_contact(stage.account(owner).state(), bare);
  }
  void befriend() {
    stage.send(kAlice, "<presence type='subscribe' to='bob@localhost'/>");
    stage.send(kBob, "<presence type='subscribed' to='alice@localhost'/>");
    forget();
  }
};

TEST_F(RosterTest, IsEmptyAtFirst) {
  stage.send(kAlice, kGet);
  EXPECT_TRUE(are(stage.read(kAlice),
                  {"<iq type='result' id='g' to='alice@localhost/one'><query xmlns='jabber:iq:roster'/></iq>"}));
}

TEST_F(RosterTest, SetIsPushedToThoseWhoHaveAskedForTheRoster) {
  stage.login("alice@localhost/silent");
  forget();
  stage.send(kAlice, set("<item jid='BOB@localhost' name='Bob'><group>Friends</group></item>"));
  auto item = "<item jid='bob@localhost' name='Bob' subscription='none' ask='-'><group>Friends</group></item>";
  EXPECT_TRUE(are(stage.read(kAlice), {push(item), kResult}));
  EXPECT_TRUE(are(stage.read("alice@localhost/silent"), {}));
  stage.send(kAlice, kGet);
  EXPECT_TRUE(are(stage.read(kAlice),
                  {std::string("<iq type='result'><query xmlns='jabber:iq:roster'>") + item + "</query></iq>"}));
}

TEST_F(RosterTest, SetCannotChangeASubscription) {
  stage.send(kAlice, set("<item jid='bob@localhost' subscription='both' ask='subscribe'/>"));
  EXPECT_TRUE(are(stage.read(kAlice), {push("<item jid='bob@localhost' subscription='none' ask='-'/>"), kResult}));
}

// §2.3.3
TEST_F(RosterTest, WrongSetsAreRefused) {
  auto long_name = std::string(1024, 'x');
  for (auto [item, condition] : std::vector<std::pair<std::string, std::string>>{
           {"", "bad-request"},
           {"<item jid='a@localhost'/><item jid='b@localhost'/>", "bad-request"},
           {"<item name='no address'/>", "bad-request"},
           {"<item jid='@localhost'/>", "jid-malformed"},
           {"<item jid='a@localhost'><group>x</group><group>x</group></item>", "bad-request"},
           {"<item jid='a@localhost'><group/></item>", "not-acceptable"},
           {"<item jid='a@localhost' name='" + long_name + "'/>", "not-acceptable"},
           {"<item jid='a@localhost'><group>" + long_name + "</group></item>", "not-acceptable"},
           {"<item jid='alice@localhost'/>", "not-allowed"},
           {"<item jid='a@localhost' subscription='remove'/>", "item-not-found"}}) {
    SCOPED_TRACE(item);
    stage.send(kAlice, set(item));
    EXPECT_TRUE(are(stage.read(kAlice), {error(condition)}));
  }
  EXPECT_EQ(contacts_listed(stage.account("alice@localhost").state()), 0u);
}

TEST_F(RosterTest, IsLimited) {
  stage.options.roster_items_max = 2;
  stage.send(kAlice, set("<item jid='a@localhost'/>"));
  stage.send(kAlice, set("<item jid='b@localhost'/>"));
  stage.read(kAlice);
  stage.send(kAlice, set("<item jid='c@localhost'/>"));
  EXPECT_TRUE(are(stage.read(kAlice), {error("resource-constraint")}));
  stage.send(kAlice, set("<item jid='b@localhost' name='still changes'/>"));
  EXPECT_EQ(stage.read(kAlice).size(), 2u);
  stage.send(kAlice, "<presence type='subscribe' to='c@localhost' id='p'/>");
  EXPECT_TRUE(are(stage.read(kAlice), {"<presence type='error' id='p'><error><resource-constraint "
                                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"}));
}

TEST_F(RosterTest, IsItsOwnersAlone) {
  stage.send(kBob, "<iq type='get' id='s' to='alice@localhost'><query xmlns='jabber:iq:roster'/></iq>");
  EXPECT_TRUE(are(stage.read(kBob), {error("forbidden")}));
  stage.send(kBob,
             "<iq type='set' id='s' to='alice@localhost'><query xmlns='jabber:iq:roster'>"
             "<item jid='bob@localhost'/></query></iq>");
  EXPECT_TRUE(are(stage.read(kBob), {error("forbidden")}));
}

// §3.1: alice asks, bob approves.
TEST_F(RosterTest, SubscriptionIsAskedAndApproved) {
  stage.send(kAlice, "<presence type='subscribe' to='bob@localhost/two' id='p'/>");
  EXPECT_TRUE(are(stage.read(kAlice), {push("<item jid='bob@localhost' subscription='none' ask='subscribe'/>")}));
  EXPECT_TRUE(are(stage.read(kBob), {"<presence type='subscribe' from='alice@localhost' to='bob@localhost'/>"}));
  stage.send(kBob, kGet);  // being asked makes no item
  EXPECT_TRUE(are(stage.read(kBob), {"<iq type='result'><query xmlns='jabber:iq:roster'/></iq>"}));
  EXPECT_FALSE(contact("bob@localhost", "alice@localhost").listed());

  stage.send(kBob, "<presence type='subscribed' to='alice@localhost'/>");
  EXPECT_TRUE(are(stage.read(kBob), {push("<item jid='alice@localhost' subscription='from'/>")}));
  EXPECT_TRUE(are(stage.read(kAlice), {"<presence type='subscribed' from='bob@localhost' to='alice@localhost'/>",
                                       push("<item jid='bob@localhost' subscription='to' ask='-'/>"),
                                       "<presence type='-' from='bob@localhost/two'/>"}));
}

TEST_F(RosterTest, RequestIsShownAtEachLoginUntilAnswered) {
  stage.send(kBob, "<presence type='unavailable'/>");
  stage.send(kAlice, "<presence type='subscribe' to='bob@localhost'><status>please</status></presence>");
  forget();
  for (int i = 0; i < 2; ++i) {
    stage.send(kBob, "<presence/>");
    auto seen = stage.read(kBob);
    ASSERT_EQ(seen.size(), 2u);  // its own presence, and
    EXPECT_EQ(mismatch(seen[1], "<presence type='subscribe' from='alice@localhost'><status>please</status></presence>"),
              "");
    stage.send(kBob, "<presence type='unavailable'/>");
    forget();
  }
  stage.send(kBob, "<presence type='unsubscribed' to='alice@localhost'/>");
  forget();
  stage.send(kBob, "<presence/>");
  EXPECT_EQ(stage.read(kBob).size(), 1u);
  EXPECT_EQ(stage.account("bob@localhost").state().find("roster/alice@localhost"), nullptr);
}

TEST_F(RosterTest, RequestReachesASessionOfNegativePriority) {
  stage.send(kBob, "<presence><priority>-1</priority></presence>");
  forget();
  stage.send(kAlice, "<presence type='subscribe' to='bob@localhost'/>");
  EXPECT_TRUE(are(stage.read(kBob), {"<presence type='subscribe' from='alice@localhost'/>"}));
}

TEST_F(RosterTest, DenyingARequestTellsNothingAboutTheDenier) {
  stage.send(kAlice, "<presence type='subscribe' to='bob@localhost'/>");
  forget();
  stage.send(kBob, "<presence type='unsubscribed' to='alice@localhost'/>");
  EXPECT_TRUE(are(stage.read(kAlice), {"<presence type='unsubscribed' from='bob@localhost'/>",
                                       push("<item jid='bob@localhost' subscription='none' ask='-'/>")}));
}

// §3.2
TEST_F(RosterTest, ApprovalCanBeTakenBack) {
  befriend();
  stage.send(kBob, "<presence type='unsubscribed' to='alice@localhost'/>");
  EXPECT_TRUE(are(stage.read(kAlice), {"<presence type='unavailable' from='bob@localhost/two'/>",
                                       "<presence type='unsubscribed' from='bob@localhost'/>",
                                       push("<item jid='bob@localhost' subscription='none'/>")}));
  EXPECT_TRUE(are(stage.read(kBob), {push("<item jid='alice@localhost' subscription='none'/>")}));
}

// §3.3
TEST_F(RosterTest, SubscriptionCanBeGivenUp) {
  befriend();
  stage.send(kAlice, "<presence type='unsubscribe' to='bob@localhost'/>");
  EXPECT_TRUE(are(stage.read(kAlice), {push("<item jid='bob@localhost' subscription='none'/>"),
                                       "<presence type='unavailable' from='bob@localhost/two'/>"}));
  EXPECT_TRUE(are(stage.read(kBob), {"<presence type='unsubscribe' from='alice@localhost'/>",
                                     push("<item jid='alice@localhost' subscription='none'/>")}));
}

// §2.5
TEST_F(RosterTest, RemovingAContactEndsBothSubscriptions) {
  befriend();
  stage.send(kBob, "<presence type='subscribe' to='alice@localhost'/>");
  stage.send(kAlice, "<presence type='subscribed' to='bob@localhost'/>");
  forget();
  stage.send(kAlice, set("<item jid='bob@localhost' subscription='remove'/>"));
  EXPECT_TRUE(are(stage.read(kAlice), {push("<item jid='bob@localhost' subscription='remove'/>"), kResult,
                                       "<presence type='unavailable' from='bob@localhost/two'/>"}));
  EXPECT_TRUE(are(stage.read(kBob), {"<presence type='unavailable' from='alice@localhost/one'/>",
                                     "<presence type='unsubscribe' from='alice@localhost'/>",
                                     push("<item jid='alice@localhost' subscription='to'/>"),
                                     "<presence type='unsubscribed' from='alice@localhost'/>",
                                     push("<item jid='alice@localhost' subscription='none'/>")}));
  EXPECT_EQ(stage.account("alice@localhost").state().find("roster/bob@localhost"), nullptr);
}

TEST_F(RosterTest, AskingForWhatIsGrantedIsApprovedAtOnce) {
  befriend();
  erase_contact(stage.account("alice@localhost").state_, "bob@localhost");  // as if alice's side had lost it
  stage.send(kAlice, "<presence type='subscribe' to='bob@localhost'/>");
  EXPECT_TRUE(contact("alice@localhost", "bob@localhost").to());
  EXPECT_TRUE(are(stage.read(kBob), {}));
}

// A.3.2, note [1]
TEST_F(RosterTest, UnsubscribeIsAnsweredOnTheUsersBehalf) {
  befriend();
  auto& bob = stage.account("bob@localhost");
  record::Inbound inbound;
  *inbound.mutable_stanza() = presence("unsubscribe", "alice@localhost", "bob@localhost");
  inbound.mutable_stanza()->set_id("u");
  for (bool subscribed : {true, false}) {  // the second time there is nothing to end
    shard::Apply apply(stage.options, bob.jid_, {++stage.time}, bob.state_);
    for (auto& module : stage.modules)
      if (module->on_inbound(apply, inbound)) break;
    ASSERT_EQ(apply.emissions().size(), subscribed ? 1u : 0u);
    if (!subscribed) break;
    const auto& answer = apply.emissions()[0].inbound.stanza();
    EXPECT_EQ(mismatch(shard::to_xml(answer),
                       "<presence type='unsubscribed' id='u' from='bob@localhost' to='alice@localhost'/>"),
              "");
  }
}

// §3.4
TEST_F(RosterTest, ARequestCanBeApprovedBeforeItIsMade) {
  stage.send(kBob, "<presence type='subscribed' to='alice@localhost'/>");
  EXPECT_TRUE(are(stage.read(kBob), {push("<item jid='alice@localhost' subscription='none' approved='true'/>")}));
  EXPECT_TRUE(are(stage.read(kAlice), {}));  // not routed

  stage.send(kAlice, "<presence type='subscribe' to='bob@localhost' id='p'/>");
  EXPECT_TRUE(are(stage.read(kBob), {push("<item jid='alice@localhost' subscription='from' approved='true'/>")}));
  EXPECT_TRUE(are(stage.read(kAlice), {push("<item jid='bob@localhost' subscription='none' ask='subscribe'/>"),
                                       "<presence type='subscribed' id='p' from='bob@localhost'/>",
                                       push("<item jid='bob@localhost' subscription='to' ask='-'/>"),
                                       "<presence type='-' from='bob@localhost/two'/>"}));
  // It outlives the subscription, if that is given up by the one who has it.
  stage.send(kAlice, "<presence type='unsubscribe' to='bob@localhost'/>");
  EXPECT_TRUE(contact("bob@localhost", "alice@localhost").approved());
  forget();
  stage.send(kBob, "<presence type='unsubscribed' to='alice@localhost'/>");  // §3.2.2 rule 2
  EXPECT_TRUE(are(stage.read(kBob), {push("<item jid='alice@localhost' subscription='none' approved='-'/>")}));
  EXPECT_TRUE(are(stage.read(kAlice), {}));
  stage.send(kAlice, "<presence type='subscribe' to='bob@localhost'/>");
  EXPECT_TRUE(are(stage.read(kBob), {"<presence type='subscribe' from='alice@localhost'/>"}));
}

TEST_F(RosterTest, PreApprovalsAreLimitedAsContactsAre) {
  stage.options.roster_items_max = 1;
  for (auto to : {"a@localhost", "b@localhost"})
    stage.send(kAlice, std::string("<presence type='subscribed' id='p' to='") + to + "'/>");
  EXPECT_TRUE(are(stage.read(kAlice), {push("<item jid='a@localhost' approved='true'/>"),
                                       "<presence type='error' id='p'><error><resource-constraint "
                                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"}));
}

// §2.6
std::string get(std::string_view version) {
  return std::string("<iq type='get' id='g'><query xmlns='jabber:iq:roster' ver='").append(version) + "'/></iq>";
}
std::string version_in(const std::string& stanza) {
  auto parsed = std::get<xml::Element>(parse_stanza_text(stanza));
  const auto* query = parsed.child("query", "jabber:iq:roster");
  return query ? std::string(query->attribute_or("ver", "")) : "";
}

TEST_F(RosterTest, WhoHasTheNewestVersionGetsAnEmptyResult) {
  stage.send(kAlice, get(""));
  auto first = version_in(stage.read(kAlice).at(0));
  EXPECT_NE(first, "");
  stage.send(kAlice, get(first));
  auto seen = stage.read(kAlice);
  EXPECT_TRUE(are(seen, {"<iq type='result' id='g'/>"}));
  EXPECT_EQ(seen.at(0).find("query"), std::string::npos);

  stage.send(kAlice, set("<item jid='bob@localhost'/>"));
  auto pushed = version_in(stage.read(kAlice).at(0));
  EXPECT_NE(pushed, first);
  stage.send(kAlice, get(pushed));
  EXPECT_TRUE(are(stage.read(kAlice), {"<iq type='result' id='g'/>"}));
  stage.send(kAlice, get(first));
  EXPECT_TRUE(are(stage.read(kAlice), {"<iq type='result' id='g'><query xmlns='jabber:iq:roster' ver='" + pushed +
                                       "'><item jid='bob@localhost'/></query></iq>"}));
}

TEST_F(RosterTest, EachPushHasAVersionOfItsOwnThatGrows) {
  std::vector<std::uint64_t> versions;
  stage.send(kAlice, set("<item jid='bob@localhost'/>"));
  stage.send(kAlice, "<presence type='subscribe' to='bob@localhost'/>");
  stage.send(kBob, "<presence type='subscribed' to='alice@localhost'/>");
  stage.send(kAlice, set("<item jid='bob@localhost' subscription='remove'/>"));
  for (const auto& stanza : stage.read(kAlice))
    if (auto version = version_in(stanza); !version.empty()) versions.push_back(std::stoull(version));
  ASSERT_EQ(versions.size(), 4u);
  EXPECT_TRUE(std::is_sorted(versions.begin(), versions.end(), std::less_equal<>{}));
}

// A change that is not pushed is no modification.
TEST_F(RosterTest, BeingAskedMakesNoNewVersion) {
  auto before = roster_version(stage.account("bob@localhost").state());
  stage.send(kAlice, "<presence type='subscribe' to='bob@localhost'/>");
  EXPECT_EQ(roster_version(stage.account("bob@localhost").state()), before);
}

TEST_F(RosterTest, AnAccountThatWasMadeAgainHasAnotherVersion) {
  auto before = roster_version(stage.account("bob@localhost").state());
  stage.change("bob@localhost", record::AccountChange::REMOVE);
  stage.create("bob@localhost");
  EXPECT_NE(roster_version(stage.account("bob@localhost").state()), before);
}

// §2.1.3
TEST_F(RosterTest, AGetWithItemsIsRefused) {
  stage.send(kAlice, "<iq type='get' id='s'><query xmlns='jabber:iq:roster'><item jid='a@b'/></query></iq>");
  EXPECT_TRUE(are(stage.read(kAlice), {error("bad-request")}));
}

TEST_F(RosterTest, StrangersCannotFillTheState) {
  stage.options.roster_requests_max = 1;
  stage.options.roster_request_bytes_max = 10;
  stage.send(kAlice, "<presence type='subscribe' to='bob@localhost'><status>a long request indeed</status></presence>");
  record::Stanza kept;
  ASSERT_TRUE(kept.ParseFromString(contact("bob@localhost", "alice@localhost").ask_stanza()));
  EXPECT_EQ(kept.inner(), "");
  stage.login("carol@localhost/three");
  stage.send("carol@localhost/three", "<presence type='subscribe' to='bob@localhost'/>");
  EXPECT_EQ(stage.account("bob@localhost").state().find("roster/carol@localhost"), nullptr);
}

}  // namespace
}  // namespace iris::module
