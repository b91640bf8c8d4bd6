#include "module/last_activity.h"

#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kJuliet = "juliet@localhost/balcony";
constexpr auto kRomeo = "romeo@localhost/orchard";
constexpr auto kForbidden =
    "<iq type='error' id='last1'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    "</iq>";
constexpr auto kUnavailable =
    "<iq type='error' id='last1'><error type='cancel'><service-unavailable "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";

struct LastActivityTest : testing::Test {
  LastActivityTest() {
    stage.login(kJuliet);
    stage.login(kRomeo);
  }
  void befriend() {
    stage.send(kRomeo, "<presence type='subscribe' to='juliet@localhost'/>");
    stage.send(kJuliet, "<presence type='subscribed' to='romeo@localhost'/>");
    stage.read(kJuliet);
    stage.read(kRomeo);
  }
  std::vector<std::string> ask(std::string_view who, std::string_view to) {
    stage.read(who);
    stage.send(who, "<iq type='get' id='last1' to='" + std::string(to) + "'><query xmlns='jabber:iq:last'/></iq>");
    return stage.read(who);
  }
  void pass(std::uint64_t seconds) { stage.time += seconds * 1'000'000; }
  Stage stage;
};

// XEP-0012 §3, and §7
TEST_F(LastActivityTest, IsForbiddenToStrangers) {
  EXPECT_TRUE(are(ask(kRomeo, "juliet@localhost"), {kForbidden}));
  EXPECT_TRUE(are(ask(kRomeo, "nobody@localhost"), {kForbidden}));  // not to tell who exists
  stage.end(kJuliet);
  EXPECT_TRUE(are(ask(kRomeo, "juliet@localhost"), {kForbidden}));
  stage.login(kJuliet);
  stage.send(kJuliet, "<presence type='subscribe' to='romeo@localhost'/>");
  stage.send(kRomeo, "<presence type='subscribed' to='juliet@localhost'/>");
  stage.read(kRomeo);
  EXPECT_TRUE(are(ask(kRomeo, "juliet@localhost"), {kForbidden})) << "it is their presence that must be shown";
}

// §3: "an empty <query/> element whose 'seconds' attribute is set to a value of '0'"
TEST_F(LastActivityTest, WhoIsThereWasSeenNow) {
  befriend();
  pass(100);
  EXPECT_TRUE(are(ask(kRomeo, "juliet@localhost"),
                  {"<iq type='result' id='last1' from='juliet@localhost' to='romeo@localhost/orchard'>"
                   "<query xmlns='jabber:iq:last' seconds='0'/></iq>"}));
  EXPECT_TRUE(
      are(ask(kJuliet, "juliet@localhost"), {"<iq type='result'><query xmlns='jabber:iq:last' seconds='0'/></iq>"}));
}

TEST_F(LastActivityTest, WhoLeftIsRememberedWithTheirWords) {
  befriend();
  stage.end(kJuliet, "Heading Home");
  pass(903);
  EXPECT_TRUE(are(ask(kRomeo, "juliet@localhost"),
                  {"<iq type='result'><query xmlns='jabber:iq:last' seconds='903'>Heading Home</query></iq>"}));
}

TEST_F(LastActivityTest, TheLastOfSeveralSessionsCounts) {
  befriend();
  stage.login("juliet@localhost/chamber");
  stage.end(kJuliet, "Heading Home");
  pass(100);
  EXPECT_TRUE(
      are(ask(kRomeo, "juliet@localhost"), {"<iq type='result'><query xmlns='jabber:iq:last' seconds='0'/></iq>"}));
  stage.end("juliet@localhost/chamber");
  pass(50);
  const auto out = ask(kRomeo, "juliet@localhost");
  EXPECT_TRUE(are(out, {"<iq type='result'><query xmlns='jabber:iq:last' seconds='50'/></iq>"}));
  EXPECT_EQ(out.at(0).find("Heading"), std::string::npos);
}

// An account of which ended sessions are forgotten (after a day) is not forgotten itself.
TEST_F(LastActivityTest, LongAgoIsRemembered) {
  befriend();
  for (int day = 0; day < 3; ++day) {
    pass(86400 * 2);
    stage.login("juliet@localhost/day" + std::to_string(day));
    stage.end("juliet@localhost/day" + std::to_string(day));
  }
  stage.end(kJuliet);
  pass(86400 * 30);
  EXPECT_TRUE(are(ask(kRomeo, "juliet@localhost"),
                  {"<iq type='result'><query xmlns='jabber:iq:last' seconds='2592000'/></iq>"}));
}

TEST_F(LastActivityTest, WhoWasNeverHereHasNoAnswer) {
  stage.create("ghost@localhost");
  record::RosterRow row;
  row.set_from(true);
  stage.account("ghost@localhost").state_.put("roster/romeo@localhost", row.SerializeAsString());
  EXPECT_TRUE(are(ask(kRomeo, "ghost@localhost"), {kUnavailable}));
}

// §4: "the user's server MUST NOT deliver the IQ-get to an available resource"
TEST_F(LastActivityTest, AClientIsAskedOnlyByThoseWhoMayKnow) {
  EXPECT_TRUE(are(ask(kRomeo, kJuliet), {kForbidden}));
  EXPECT_TRUE(are(ask(kRomeo, "juliet@localhost/nowhere"), {kForbidden}));
  EXPECT_TRUE(stage.read(kJuliet).empty());
  befriend();
  EXPECT_TRUE(ask(kRomeo, kJuliet).empty());
  EXPECT_TRUE(are(stage.read(kJuliet), {"<iq type='get' id='last1' from='romeo@localhost/orchard'>"
                                        "<query xmlns='jabber:iq:last'/></iq>"}));
  stage.send(kJuliet,
             "<iq type='result' id='last1' to='romeo@localhost/orchard'>"
             "<query xmlns='jabber:iq:last' seconds='123'/></iq>");
  EXPECT_TRUE(are(stage.read(kRomeo), {"<iq type='result'><query xmlns='jabber:iq:last' seconds='123'/></iq>"}));
}

}  // namespace
}  // namespace iris::module
