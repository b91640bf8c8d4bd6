// XEP-0199 of the domain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using testing::HasSubstr;

using PingTest = StreamTest;

TEST_F(PingTest, TheDomainAnswersPings) {
  make_account();
  auto peer = bind();
  EXPECT_THAT(say(peer, "<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"),
              HasSubstr("type='result'"));
}

}  // namespace
}  // namespace iris::edge
