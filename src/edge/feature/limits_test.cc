// XEP-0478.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using testing::HasSubstr;

using LimitsTest = StreamTest;

TEST_F(LimitsTest, AStrangersLimitsAreOthersThanThoseAfterTheLogin) {
  w.options.stanza_bytes_max = 100'000;
  w.options.negotiation_bytes_max = 20'000;
  w.options.idle_ping = std::chrono::seconds{120};
  w.options.negotiation_timeout = std::chrono::seconds{30};
  make_account();
  auto peer = connect();
  EXPECT_THAT(say(peer, kOpen), HasSubstr("<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>20000</max-bytes>"
                                          "<idle-seconds>30</idle-seconds></limits>"));
  say(peer, plain("romeo", "secret"));
  EXPECT_THAT(say(peer, kOpen), HasSubstr("<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>100000</max-bytes>"
                                          "<idle-seconds>120</idle-seconds></limits>"));
}

}  // namespace
}  // namespace iris::edge
