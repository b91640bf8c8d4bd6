#include "module/private_storage.h"

#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kHamlet = "hamlet@localhost/denmark";
constexpr auto kMacbeth = "macbeth@localhost/glamis";
constexpr auto kSet =
    "<iq type='set' id='1'><query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'><defaultnick>Hamlet"
    "</defaultnick></exodus></query></iq>";
constexpr auto kGet =
    "<iq type='get' id='2'><query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'/></query></iq>";

std::string error(std::string_view type, std::string_view condition) {
  return "<iq type='error'><error type='" + std::string(type) + "'><" + std::string(condition) +
         " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
}

struct PrivateStorageTest : testing::Test {
  PrivateStorageTest() { stage.login(kHamlet); }
  std::vector<std::string> ask(std::string_view type, std::string_view payload, std::string_view to = "") {
    stage.send(kHamlet, "<iq type='" + std::string(type) + "' id='q' " + std::string(to) +
                            "><query xmlns='jabber:iq:private'>" + std::string(payload) + "</query></iq>");
    return stage.read(kHamlet);
  }
  Stage stage;
};

// XEP-0049, examples 1 and 2
TEST_F(PrivateStorageTest, GivesBackWhatWasKept) {
  stage.send(kHamlet, kSet);
  EXPECT_TRUE(are(stage.read(kHamlet), {"<iq type='result' id='1'/>"}));
  stage.send(kHamlet, kGet);
  EXPECT_TRUE(are(stage.read(kHamlet),
                  {"<iq type='result' id='2'><query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'>"
                   "<defaultnick>Hamlet</defaultnick></exodus></query></iq>"}));
}

TEST_F(PrivateStorageTest, GivesBackTheQuestionWhereNothingIsKept) {
  stage.send(kHamlet, kGet);
  EXPECT_TRUE(are(stage.read(kHamlet), {"<iq type='result' id='2'><query xmlns='jabber:iq:private'>"
                                        "<exodus xmlns='exodus:prefs'/></query></iq>"}));
}

TEST_F(PrivateStorageTest, ANewSetTakesThePlaceOfTheOld) {
  ask("set", "<a xmlns='n'>one</a><b xmlns='n'>two</b>");
  ask("set", "<a xmlns='n'>three</a>");
  EXPECT_TRUE(are(ask("get", "<a xmlns='n'/>"),
                  {"<iq type='result'><query xmlns='jabber:iq:private'><a xmlns='n'>three</a></query></iq>"}));
  EXPECT_TRUE(are(ask("get", "<b xmlns='n'/>"),
                  {"<iq type='result'><query xmlns='jabber:iq:private'><b xmlns='n'>two</b></query></iq>"}));
}

// "an IQ set or result MAY contain multiple elements qualified by the same namespace"
TEST_F(PrivateStorageTest, KeepsSeveralOfOneName) {
  ask("set", "<a xmlns='n'>one</a><a xmlns='n'>two</a>", "to='hamlet@localhost'");
  EXPECT_TRUE(are(
      ask("get", "<a xmlns='n'/>"),
      {"<iq type='result'><query xmlns='jabber:iq:private'><a xmlns='n'>one</a><a xmlns='n'>two</a></query></iq>"}));
}

// Example 3: "the server MUST return a Forbidden or Service Unavailable error"; the same whether the account is there.
TEST_F(PrivateStorageTest, IsNobodyElsesBusiness) {
  stage.send(kHamlet, kSet);
  stage.login(kMacbeth);
  for (const auto* type : {"get", "set"}) {
    for (const auto* to : {"hamlet@localhost", "nobody@localhost"}) {
      stage.send(kMacbeth, "<iq type='" + std::string(type) + "' id='3' to='" + to +
                               "'><query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'/></query></iq>");
      EXPECT_TRUE(are(stage.read(kMacbeth), {error("cancel", "service-unavailable")})) << type << to;
    }
  }
}

TEST_F(PrivateStorageTest, RefusesASetOfNothing) {
  EXPECT_TRUE(are(ask("set", ""), {error("modify", "not-acceptable")}));
}

TEST_F(PrivateStorageTest, RefusesWhatHasNoNamespaceOfItsOwn) {
  EXPECT_TRUE(are(ask("set", "<a/>"), {error("modify", "not-acceptable")}));
  EXPECT_TRUE(are(ask("set", "<b xmlns='n'/><a/>"), {error("modify", "not-acceptable")}));
  EXPECT_TRUE(are(ask("get", "<a/>"), {error("modify", "not-acceptable")}));
}

// Example 4, "bad-format"; and one question at a time.
TEST_F(PrivateStorageTest, AGetNamesOneElement) {
  EXPECT_TRUE(are(ask("get", ""), {error("modify", "bad-request")}));
  EXPECT_TRUE(are(ask("get", "<a xmlns='n'/><a xmlns='m'/>"), {error("modify", "bad-request")}));
}

TEST_F(PrivateStorageTest, HoldsSoManyElements) {
  stage.options.private_elements_max = 3;
  auto set = [&](int number) { return ask("set", "<a xmlns='n:" + std::to_string(number) + "'/>"); };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(are(set(i), {"<iq type='result'/>"}));
  EXPECT_TRUE(are(set(3), {error("wait", "resource-constraint")}));
  EXPECT_TRUE(are(set(1), {"<iq type='result'/>"}));  // one that is there may change
}

TEST_F(PrivateStorageTest, HoldsSoManyBytes) {
  stage.options.private_bytes_max = 1000;
  auto set = [&](std::string_view name, std::size_t size) {
    return ask("set",
               "<" + std::string(name) + " xmlns='n'>" + std::string(size, 'x') + "</" + std::string(name) + ">");
  };
  EXPECT_TRUE(are(set("a", 900), {"<iq type='result'/>"}));
  EXPECT_TRUE(are(set("b", 100), {error("wait", "resource-constraint")}));
  EXPECT_TRUE(are(set("a", 500), {"<iq type='result'/>"}));  // makes room
  EXPECT_TRUE(are(set("b", 100), {"<iq type='result'/>"}));
}

}  // namespace
}  // namespace iris::module
