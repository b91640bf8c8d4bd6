// XEP-0198 on one connection and across connections, as its text shows it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

using StreamManagementTest = StreamTest;

TEST_F(StreamManagementTest, AcksCountWhatIsDurable) {
  make_account();
  auto peer = bind();
  EXPECT_FALSE(enable(peer).empty());
  EXPECT_THAT(say(peer, chat("a") + "<presence/><r xmlns='urn:xmpp:sm:3'/>", 80ms),
              HasSubstr("<a xmlns='urn:xmpp:sm:3' h='2'/>"));
}

TEST_F(StreamManagementTest, EnableBeforeBindFails) {
  make_account();
  auto peer = log_in();
  EXPECT_THAT(say(peer, "<enable xmlns='urn:xmpp:sm:3'/>"), HasSubstr("<failed"));
}

TEST_F(StreamManagementTest, AResumedSessionGoesOn) {
  make_account();
  auto peer = bind();
  const auto id = enable(peer);
  say(peer, chat("a"));
  cut(peer);
  auto again = log_in();
  EXPECT_THAT(say(again, resume(id, 0)), HasSubstr("<resumed xmlns='urn:xmpp:sm:3' previd='" + id + "' h='1'/>"));
  say(again, chat("b"));
  ASSERT_THAT(w.shard.accepted, SizeIs(2));
  EXPECT_EQ(w.shard.accepted[1].number(), 2u);
  EXPECT_EQ(edge->stats().sessions, 1u);
}

TEST_F(StreamManagementTest, ASessionThatEndedTellsHowFarItCame) {
  make_account();
  auto peer = bind();
  say(peer, chat("before"));  // is not counted
  const auto id = enable(peer);
  say(peer, chat("a") + chat("b"));
  cut(peer);
  w.run(w.options.detached_timeout + 1s);
  auto again = log_in();
  EXPECT_THAT(say(again, resume(id, 0), 200ms), HasSubstr("<failed xmlns='urn:xmpp:sm:3' h='2'><item-not-found"));
  EXPECT_THAT(say(again, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"),
              HasSubstr("<jid>"));
}

TEST_F(StreamManagementTest, SomebodyElsesSessionIsAsNone) {
  make_account();
  make_account("juliet@localhost");
  auto peer = bind();
  const auto id = enable(peer);
  cut(peer);
  auto other = log_in("juliet");
  const auto out = say(other, resume(id, 0));
  EXPECT_THAT(out, HasSubstr("<item-not-found"));
  EXPECT_THAT(out, Not(HasSubstr(" h=")));
  EXPECT_EQ(edge->stats().sessions, 1u);  // it waits on for its owner
}

TEST_F(StreamManagementTest, AMadeUpTokenIsNotFound) {
  make_account();
  auto peer = log_in();
  EXPECT_THAT(say(peer, resume(std::string(88, 'a'), 0)), HasSubstr("<item-not-found"));
}

TEST_F(StreamManagementTest, AnAckBeyondWhatWasSentIsNamed) {
  make_account();
  auto peer = bind();
  enable(peer);
  EXPECT_THAT(say(peer, "<a xmlns='urn:xmpp:sm:3' h='3'/>"),
              HasSubstr("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='3' send-count='0'/>"));
}

TEST_F(StreamManagementTest, AResumptionFindsItsSessionOnAnotherLoop) {
  make_account();
  io::SimLoop& second_loop = w.world.add_loop("edge-1");
  Edge second(Wiring{second_loop, 1, w.log, w.bus, w.owners, w.store}, w.options);
  w.bus.attach(1, second_loop, [&](std::string_view bytes) { second.on_bus(record::decode_bus(bytes).value()); });
  edge->set_peers({edge.get(), &second});
  second.set_peers({edge.get(), &second});
  auto peer = bind();
  const auto id = enable(peer);
  cut(peer);

  auto here = std::move(edge);  // the peer logs in at the other loop
  auto transport = std::make_shared<FakeTransport>();
  transport->encrypted = true;
  auto stream = std::make_shared<Stream>(second, transport);
  second.add(stream);
  Peer other{transport, stream};
  edge = std::move(here);
  say(other, kOpen);
  say(other, plain("romeo", "secret"));
  say(other, kOpen);
  EXPECT_THAT(say(other, resume(id, 0)), HasSubstr("<resumed"));
  EXPECT_EQ(second.stats().streams, 0u);
  EXPECT_EQ(edge->stats().streams, 1u);
  say(other, chat("a"));
  EXPECT_THAT(w.shard.accepted, SizeIs(1));
}

}  // namespace
}  // namespace iris::edge
