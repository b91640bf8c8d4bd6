// XEP-0352 §3.2: what may be kept from an inactive client, and in which order it comes out.
#include "edge/held.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace iris::edge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Verdict = Held::Verdict;

const std::string kStates = " xmlns='http://jabber.org/protocol/chatstates'/>";

std::string presence(const std::string& from, const std::string& inside = "", const std::string& type = "") {
  return "<presence from='" + from + "'" + (type.empty() ? "" : " type='" + type + "'") + ">" + inside + "</presence>";
}
std::string message(const std::string& from, const std::string& inside, const std::string& type = "chat") {
  return "<message from='" + from + "' to='me@localhost' type='" + type + "'>" + inside + "</message>";
}
std::string state(const std::string& from, const std::string& name = "composing") {
  return message(from, "<" + name + kStates);
}
std::string copy(const std::string& inner) {
  return message("me@localhost", "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>" +
                                     std::string(inner).insert(8, " xmlns='jabber:client'") +
                                     "</forwarded></received>");
}

class HeldTest : public testing::Test {
 protected:
  Verdict take(const std::string& xml) {
    return held.take(xml.starts_with("<m") ? record::MESSAGE : record::PRESENCE, xml);
  }
  std::vector<std::string> release() {
    std::vector<std::string> out;
    held.release([&](record::Kind, std::string xml) { out.push_back(std::move(xml)); });
    return out;
  }
  Held held{8, 4096};
};

struct Case {
  const char* what;
  std::string xml;
  bool important;
};
class WhatIsHeld : public HeldTest, public testing::WithParamInterface<Case> {};

TEST_P(WhatIsHeld, OrNot) {
  EXPECT_EQ(take(GetParam().xml), GetParam().important ? Verdict::important : Verdict::kept) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Xep0352, WhatIsHeld,
    testing::Values(
        Case{"presence", presence("a@b/c", "<show>away</show>"), false},
        Case{"the end of it", presence("a@b/c", "", "unavailable"), false},
        Case{"a request", presence("a@b", "", "subscribe"), true},
        Case{"an answer to one", presence("a@b", "", "subscribed"), true},
        Case{"an error", presence("a@b", "", "error"), true}, Case{"a chat state", state("a@b/c"), false},
        Case{"in a thread", message("a@b/c", "<thread>t</thread><paused" + kStates), false},
        Case{"with hints and ids",
             message("a@b/c", "<active" + kStates +
                                  "<no-store xmlns='urn:xmpp:hints'/><origin-id xmlns='urn:xmpp:sid:0' id='x'/>"),
             false},
        Case{"with a body", message("a@b/c", "<body>hello</body><active" + kStates), true},
        Case{"with a marker", message("a@b/c", "<displayed xmlns='urn:xmpp:chat-markers:0' id='x'/><active" + kStates),
             true},
        Case{"that failed", message("a@b/c", "<active" + kStates, "error"), true},
        Case{"a message without anything", message("a@b/c", ""), true},
        Case{"a copy of a chat state", copy(state("a@b/c")), false},
        Case{"a copy of a message", copy(message("a@b/c", "<body>hello</body>")), true},
        Case{"what cannot be read", "<message", true}));

TEST_F(HeldTest, AnIqIsImportant) { EXPECT_EQ(held.take(record::IQ, "<iq type='get'/>"), Verdict::important); }

TEST_F(HeldTest, TheNewestOfEachSenderIsKeptInTheOrderInWhichItCame) {
  take(presence("a@b/c"));
  take(presence("d@e/f"));
  take(state("a@b/c"));
  EXPECT_EQ(take(presence("a@b/c", "<show>away</show>")), Verdict::replaced);
  EXPECT_EQ(take(state("a@b/c", "paused")), Verdict::replaced);
  EXPECT_THAT(release(),
              ElementsAre(presence("d@e/f"), presence("a@b/c", "<show>away</show>"), state("a@b/c", "paused")));
  EXPECT_THAT(release(), IsEmpty());
}

TEST_F(HeldTest, ResourcesAreSendersOfTheirOwn) {
  take(presence("a@b/c"));
  EXPECT_EQ(take(presence("a@b/d")), Verdict::kept);
  EXPECT_EQ(held.size(), 2u);
}

TEST_F(HeldTest, CopiesAreToldApartByWhoWroteToWhom) {
  take(copy(state("a@b/c")));
  EXPECT_EQ(take(copy(state("d@e/f"))), Verdict::kept);
  EXPECT_EQ(take(copy(state("a@b/c", "paused"))), Verdict::replaced);
}

TEST_F(HeldTest, ItIsBounded) {
  for (int i = 0; i < 7; ++i) take(presence("a@b/" + std::to_string(i)));
  EXPECT_FALSE(held.is_full());
  take(presence("a@b/7"));
  EXPECT_TRUE(held.is_full());
  release();
  EXPECT_EQ(held.bytes(), 0u);
  take(presence("a@b/c", "<status>" + std::string(5000, 'x') + "</status>"));
  EXPECT_TRUE(held.is_full());
  take(presence("a@b/c"));  // what it made out of date is given back
  EXPECT_FALSE(held.is_full());
  EXPECT_EQ(held.bytes(), presence("a@b/c").size());
}

}  // namespace
}  // namespace iris::edge
