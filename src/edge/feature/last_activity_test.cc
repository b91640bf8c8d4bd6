// XEP-0012 of the domain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using LastActivityTest = StreamTest;

TEST_F(LastActivityTest, TheDomainSaysHowLongItIsUp) {
  make_account();
  auto peer = bind();
  const std::string ask = "<iq type='get' id='l' to='localhost'><query xmlns='jabber:iq:last'/></iq>";
  EXPECT_THAT(say(peer, ask), HasSubstr("<query xmlns='jabber:iq:last' seconds='"));
  const auto seconds = [](const std::string& answer) { return std::stoi(answer.substr(answer.find("seconds='") + 9)); };
  const int before = seconds(say(peer, ask));
  say(peer, "", 30s);
  EXPECT_EQ(seconds(say(peer, ask)) / 10, (before + 30) / 10);
}

}  // namespace
}  // namespace iris::edge
