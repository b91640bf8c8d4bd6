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

// What a client was told holds for its connection, whatever a reload says meanwhile.
TEST_F(LimitsTest, AReloadIsForNewConnections) {
  make_account();
  const std::string body(20'000, 'x');
  for (const auto framing : {Framing::stream, Framing::messages}) {
    w.options.stanza_bytes_max = 100'000;
    auto peer = connect(true, framing);
    const std::string open = framing == Framing::stream
                                 ? std::string(kOpen)
                                 : "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
    say(peer, open);
    say(peer, plain("romeo", "secret"));
    say(peer, open);
    say(peer, "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    w.options.stanza_bytes_max = 10'000;
    const auto accepted = w.shard.accepted.size();
    say(peer, "<message xmlns='jabber:client' to='juliet@localhost' type='chat'><body>" + body + "</body></message>");
    EXPECT_EQ(w.shard.accepted.size(), accepted + 1);
  }
}

}  // namespace
}  // namespace iris::edge
