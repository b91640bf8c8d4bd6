// XEP-0202 of the domain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"
#include "xmpp/datetime.h"

namespace iris::edge {
namespace {

using testing::HasSubstr;

using TimeTest = StreamTest;

TEST_F(TimeTest, TheDomainsTimeIsUtc) {
  make_account();
  auto peer = bind();
  const auto before = w.loop.clock().wall();
  const auto out = say(peer, "<iq type='get' id='t' to='localhost'><time xmlns='urn:xmpp:time'/></iq>");
  EXPECT_THAT(out, HasSubstr("<tzo>+00:00</tzo>"));
  const auto told = xmpp::parse_datetime(between(out, "<utc>", "</utc>"));
  ASSERT_TRUE(told);
  EXPECT_GE(*told, before);
  EXPECT_LE(*told, w.loop.clock().wall());
  EXPECT_THAT(between(out, "<utc>", "</utc>"), testing::EndsWith("Z"));
}

}  // namespace
}  // namespace iris::edge
