#include "module/vcard.h"

#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kPeter = "stpeter@localhost/roundabout";
constexpr auto kJer = "jer@localhost/laptop";
constexpr auto kSet =
    "<iq type='set' id='v2'><vCard xmlns='vcard-temp'><FN>Peter Saint-Andre</FN><N><FAMILY>Saint-Andre</FAMILY></N>"
    "</vCard></iq>";

std::string error(std::string_view type, std::string_view condition) {
  return "<iq type='error'><error type='" + std::string(type) + "'><" + std::string(condition) +
         " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
}

struct VcardTest : testing::Test {
  VcardTest() {
    stage.login(kPeter);
    stage.login(kJer);
  }
  std::vector<std::string> get(std::string_view who, std::string_view to = "") {
    stage.send(who, "<iq type='get' id='v1' " + std::string(to) + "><vCard xmlns='vcard-temp'/></iq>");
    return stage.read(who);
  }
  Stage stage;
};

// XEP-0054 §3.1, §3.2
TEST_F(VcardTest, OnesOwn) {
  EXPECT_TRUE(are(get(kPeter), {error("cancel", "item-not-found")}));
  stage.send(kPeter, kSet);
  EXPECT_TRUE(are(stage.read(kPeter), {"<iq type='result' id='v2' to='stpeter@localhost/roundabout'/>"}));
  for (const auto* to : {"", "to='stpeter@localhost'"})
    EXPECT_TRUE(are(get(kPeter, to), {"<iq type='result' id='v1'><vCard xmlns='vcard-temp'><FN>Peter Saint-Andre</FN>"
                                      "<N><FAMILY>Saint-Andre</FAMILY></N></vCard></iq>"}));
  stage.send(kPeter, "<iq type='set' id='v3'><vCard xmlns='vcard-temp'><NICKNAME>stpeter</NICKNAME></vCard></iq>");
  stage.read(kPeter);
  const auto out = get(kPeter);
  EXPECT_TRUE(are(out, {"<iq type='result'><vCard xmlns='vcard-temp'><NICKNAME>stpeter</NICKNAME></vCard></iq>"}));
  EXPECT_EQ(out.at(0).find("<FN>"), std::string::npos) << "the whole takes the place of the whole";
}

// §3.3
TEST_F(VcardTest, AnothersIsForAllToSee) {
  stage.send(kPeter, kSet);
  EXPECT_TRUE(are(get(kJer, "to='stpeter@localhost'"),
                  {"<iq type='result' from='stpeter@localhost' to='jer@localhost/laptop' id='v1'>"
                   "<vCard xmlns='vcard-temp'><FN>Peter Saint-Andre</FN></vCard></iq>"}));
}

// §3.3: "The server MUST return the same error condition in both cases"
TEST_F(VcardTest, NoVcardAndNoAccountLookTheSame) {
  for (const auto* to : {"to='stpeter@localhost'", "to='nobody@localhost'"})
    EXPECT_TRUE(are(get(kJer, to), {error("cancel", "service-unavailable")})) << to;
}

// §3.2
TEST_F(VcardTest, AnothersIsNotForChanging) {
  stage.send(kPeter, kSet);
  stage.send(kJer, "<iq type='set' id='v2' to='stpeter@localhost'><vCard xmlns='vcard-temp'><FN>Jer</FN></vCard></iq>");
  EXPECT_TRUE(are(stage.read(kJer), {error("auth", "forbidden")}));
  EXPECT_TRUE(are(get(kJer, "to='stpeter@localhost'"), {"<iq type='result'><vCard xmlns='vcard-temp'><FN>Peter "
                                                        "Saint-Andre</FN></vCard></iq>"}));
}

TEST_F(VcardTest, HasALimit) {
  stage.send(kPeter, kSet);
  stage.read(kPeter);
  stage.options.vcard_bytes_max = 200;
  stage.send(kPeter, "<iq type='set' id='v4'><vCard xmlns='vcard-temp'><PHOTO><BINVAL>" + std::string(200, 'A') +
                         "</BINVAL></PHOTO></vCard></iq>");
  EXPECT_TRUE(are(stage.read(kPeter), {error("modify", "policy-violation")}));
  EXPECT_TRUE(
      are(get(kPeter), {"<iq type='result'><vCard xmlns='vcard-temp'><FN>Peter Saint-Andre</FN></vCard></iq>"}));
}

}  // namespace
}  // namespace iris::module
