// XEP-0198 on one connection and across connections, as its text shows it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
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

// §3: an example of the text, and the stream may go on.
TEST_F(StreamManagementTest, EnableBeforeBindFails) {
  make_account();
  const std::string refused =
      "<failed xmlns='urn:xmpp:sm:3'><unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";
  auto stranger = connect();
  say(stranger, kOpen);
  EXPECT_EQ(say(stranger, "<enable xmlns='urn:xmpp:sm:3'/>"), refused);
  auto peer = log_in();
  EXPECT_EQ(say(peer, "<enable xmlns='urn:xmpp:sm:3'/>"), refused);
  EXPECT_THAT(say(peer, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"),
              HasSubstr("<jid>"));
}

// §3: "at most one attempt"
TEST_F(StreamManagementTest, ASecondEnableEndsTheStream) {
  make_account();
  auto peer = bind();
  enable(peer);
  const auto out = say(peer, "<enable xmlns='urn:xmpp:sm:3'/>");
  EXPECT_THAT(out, HasSubstr("<failed xmlns='urn:xmpp:sm:3'><unexpected-request"));
  EXPECT_THAT(out, HasSubstr("<stream:error>"));
  EXPECT_TRUE(peer.transport->closed);
}

// §3, §5: the attributes of <enabled/>
TEST_F(StreamManagementTest, ResumptionIsAskedForAndMayBeShorterThanOurs) {
  make_account();
  struct {
    const char* asked;
    const char* told;  // empty: no resumption
  } const cases[] = {{"", ""},
                     {" resume='false'", ""},
                     {" resume='0'", ""},
                     {" resume='true'", "resume='true' max='300'"},
                     {" resume='1'", "resume='true' max='300'"},
                     {" resume='true' max='60'", "resume='true' max='60'"},
                     {" resume='true' max='4000000000'", "resume='true' max='300'"},
                     {" resume='true' max='-1'", "resume='true' max='300'"},
                     {" resume='true' max='0'", ""},
                     {" max='60'", ""}};
  for (const auto& [asked, told] : cases) {
    auto peer = bind();
    const auto out = say(peer, std::string("<enable xmlns='urn:xmpp:sm:3'") + asked + "/>");
    if (*told == '\0')
      EXPECT_EQ(out, "<enabled xmlns='urn:xmpp:sm:3'/>") << asked;
    else
      EXPECT_THAT(out, HasSubstr(told)) << asked;
    EXPECT_THAT(out, Not(HasSubstr("location")));
    say(peer, kEnd);
  }
}

TEST_F(StreamManagementTest, ASessionWaitsAsLongAsItsClientAskedFor) {
  make_account();
  auto peer = bind();
  say(peer, "<enable xmlns='urn:xmpp:sm:3' resume='true' max='60'/>");
  cut(peer);
  w.run(59s);
  EXPECT_EQ(edge->stats().sessions, 1u);
  w.run(2s);
  EXPECT_EQ(edge->stats().sessions, 0u);
}

TEST_F(StreamManagementTest, TheLocationIsToldWhereItIsConfigured) {
  w.options.resume_location = "[2001:db8::1]:5222";
  make_account();
  auto peer = bind();
  EXPECT_THAT(say(peer, "<enable xmlns='urn:xmpp:sm:3' resume='true'/>"), HasSubstr("location='[2001:db8::1]:5222'"));
}

TEST_F(StreamManagementTest, WithoutResumptionItIsNotImplemented) {
  w.options.detached_timeout = 0s;
  make_account();
  auto peer = bind();
  EXPECT_EQ(say(peer, "<enable xmlns='urn:xmpp:sm:3' resume='true'/>"), "<enabled xmlns='urn:xmpp:sm:3'/>");
  auto other = log_in();
  EXPECT_THAT(say(other, resume("x", 0)), HasSubstr("<feature-not-implemented"));
}

TEST_F(StreamManagementTest, ResumptionOutOfPlaceFails) {
  make_account();
  auto stranger = connect();
  say(stranger, kOpen);
  EXPECT_THAT(say(stranger, resume("x", 0)), HasSubstr("<failed xmlns='urn:xmpp:sm:3'><unexpected-request"));
  auto peer = bind();
  EXPECT_THAT(say(peer, resume(enable(peer), 0)), HasSubstr("<failed xmlns='urn:xmpp:sm:3'><unexpected-request"));
  EXPECT_FALSE(peer.transport->closed);
}

TEST_F(StreamManagementTest, BrokenCountsAreRefused) {
  make_account();
  auto peer = bind();
  const auto id = enable(peer);
  cut(peer);
  auto again = log_in();
  for (const char* h : {"", "-1", "x", "1.0", "4294967296", " 1"})
    EXPECT_THAT(say(again, "<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='" + h + "'/>"),
                HasSubstr("<failed xmlns='urn:xmpp:sm:3'><bad-request"))
        << h;
  EXPECT_THAT(say(again, "<resume xmlns='urn:xmpp:sm:3' h='0'/>"), HasSubstr("<bad-request"));
  EXPECT_THAT(say(again, resume(id, 0)), HasSubstr("<resumed"));  // all that did it no harm
  EXPECT_THAT(say(again, "<a xmlns='urn:xmpp:sm:3' h='-1'/>"), HasSubstr("<bad-format"));
  EXPECT_EQ(edge->stats().sessions, 1u);
}

TEST_F(StreamManagementTest, AResumptionBeyondWhatWasSentIsNamed) {
  make_account();
  auto peer = bind();
  const auto id = enable(peer);
  cut(peer);
  auto again = log_in();
  EXPECT_THAT(say(again, resume(id, 5)),
              HasSubstr("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='5' send-count='0'/>"));
}

// §4: without stream management there is nothing to ask for.
TEST_F(StreamManagementTest, AcksBeforeEnableAreUnexpected) {
  make_account();
  auto peer = bind();
  for (const char* element : {"<r xmlns='urn:xmpp:sm:3'/>", "<a xmlns='urn:xmpp:sm:3' h='0'/>"})
    EXPECT_THAT(say(peer, element), HasSubstr("<failed xmlns='urn:xmpp:sm:3'><unexpected-request"));
}

// §4: an <r/> is answered also when there is nothing new.
TEST_F(StreamManagementTest, EveryRequestIsAnswered) {
  make_account();
  auto peer = bind();
  enable(peer);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(say(peer, "<r xmlns='urn:xmpp:sm:3'/>", 80ms), "<a xmlns='urn:xmpp:sm:3' h='0'/>");
}

// §5: the process has died, and the log knows.
TEST_F(StreamManagementTest, AfterARestartTheCountIsStillKnown) {
  make_account();
  auto peer = bind();
  const auto id = enable(peer);
  say(peer, chat("a") + chat("b"));
  edge = nullptr;
  w.options.incarnation = 8;
  edge = std::make_unique<Edge>(Wiring{w.loop, 0, w.log, w.bus, w.owners, w.store}, w.options);
  auto again = log_in();
  EXPECT_THAT(say(again, resume(id, 0), 200ms), HasSubstr("<failed xmlns='urn:xmpp:sm:3' h='2'><item-not-found"));
  EXPECT_THAT(say(again, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"),
              HasSubstr("<jid>"));
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

// §5: the old connection is told.
TEST_F(StreamManagementTest, AConnectionThatStillStandsEndsInAConflict) {
  make_account();
  auto peer = bind();
  const auto id = enable(peer);
  auto again = log_in();
  peer.transport->out.clear();
  EXPECT_THAT(say(again, resume(id, 0)), HasSubstr("<resumed"));
  EXPECT_THAT(peer.transport->out, HasSubstr("<conflict"));
  EXPECT_TRUE(peer.transport->closed);
}

// §5: two connections ask before the first is answered; the later one gets the session.
TEST_F(StreamManagementTest, OfTwoThatResumeAtOnceTheFirstEndsInAConflict) {
  make_account();
  auto peer = bind();
  const auto id = enable(peer);
  cut(peer);
  auto first = log_in(), second = log_in();
  first.transport->out.clear();
  first.stream->on_bytes(resume(id, 0));
  EXPECT_THAT(say(second, resume(id, 0)), HasSubstr("<resumed"));
  EXPECT_THAT(first.transport->out, AllOf(HasSubstr("<conflict"), Not(HasSubstr("<resumed"))));
  EXPECT_TRUE(first.transport->closed);
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
  w.bus.attach(1, second_loop, [&](record::BusMessage&& message) { second.on_bus(std::move(message)); });
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
