// XEP-0352 on a connection: what an inactive client gets, and when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kInactive = "<inactive xmlns='urn:xmpp:csi:0'/>";
const std::string kActive = "<active xmlns='urn:xmpp:csi:0'/>";
const std::string kPing = "<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>";

class CsiTest : public StreamTest {
 protected:
  const base::SessionId id{7, 0, 1};  // of the first session

  void soft(record::Kind kind, const std::string& xml) {
    record::BusMessage message;
    message.mutable_soft()->set_kind(kind);
    message.mutable_soft()->set_xml(xml);
    w.shard.send(id, std::move(message));
    w.run();
  }
  void presence(const std::string& from, const std::string& show = "") {
    soft(record::PRESENCE,
         "<presence from='" + from + "'>" + (show.empty() ? "" : "<show>" + show + "</show>") + "</presence>");
  }
  void composing(const std::string& from) {
    soft(record::MESSAGE, "<message from='" + from +
                              "' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
  }
  void deliver(const std::string& xml) {
    const auto before = stamp;
    w.shard.deliver(id, record::DIRECT, before != 0 ? before : w.shard.direct_start, stamp = next++, {xml});
    w.run();
  }
  std::string take(Peer& peer) { return std::exchange(peer.transport->out, {}); }
  static std::size_t at(const std::string& out, const std::string& what) {
    EXPECT_THAT(out, HasSubstr(what));
    return out.find(what);
  }
  std::uint64_t stamp = 0, next = 1'000'000;
};

// §4.1
TEST_F(CsiTest, ItIsOfferedAfterTheLogin) {
  make_account();
  auto peer = connect();
  EXPECT_THAT(say(peer, kOpen), Not(HasSubstr("urn:xmpp:csi:0")));
  say(peer, plain("romeo", "secret"));
  EXPECT_THAT(say(peer, kOpen), HasSubstr("<csi xmlns='urn:xmpp:csi:0'/>"));
  w.options.held_max = 0;
  auto other = connect();
  say(other, kOpen);
  say(other, plain("romeo", "secret"));
  EXPECT_THAT(say(other, kOpen), Not(HasSubstr("urn:xmpp:csi:0")));
}

TEST_F(CsiTest, AStreamBeginsActive) {
  make_account();
  auto peer = bind();
  take(peer);
  presence("juliet@localhost/b");
  EXPECT_THAT(take(peer), HasSubstr("juliet@localhost/b"));
}

// §5.1: the text's own example: all that was held goes out before the answer to the ping.
TEST_F(CsiTest, WhatWasHeldIsWrittenBeforeWhatTheClientAsksNext) {
  make_account();
  auto peer = bind();
  EXPECT_THAT(say(peer, kInactive), IsEmpty());  // §4.2: no reply
  presence("juliet@localhost/b", "away");
  composing("juliet@localhost/b");
  presence("nurse@localhost/n");
  presence("juliet@localhost/b", "dnd");
  EXPECT_THAT(take(peer), IsEmpty());
  const auto out = say(peer, kActive + kPing);
  EXPECT_THAT(out, Not(HasSubstr("away")));
  EXPECT_LT(at(out, "<composing"), at(out, "nurse@localhost/n"));
  EXPECT_LT(at(out, "nurse@localhost/n"), at(out, "dnd"));
  EXPECT_LT(at(out, "dnd"), at(out, "id='p'"));
  presence("juliet@localhost/b");
  EXPECT_THAT(take(peer), HasSubstr("<presence"));
}

TEST_F(CsiTest, AMessageDoesNotOvertakeWhatWasHeld) {
  make_account();
  auto peer = bind();
  say(peer, kInactive);
  presence("juliet@localhost/b", "away");
  composing("juliet@localhost/b");
  deliver("<message from='juliet@localhost/b' type='chat'><body>hello</body></message>");
  const auto out = take(peer);
  EXPECT_LT(at(out, "away"), at(out, "<composing"));
  EXPECT_LT(at(out, "<composing"), at(out, "<body>hello"));
  presence("juliet@localhost/b", "dnd");  // it is still inactive
  EXPECT_THAT(take(peer), IsEmpty());
}

TEST_F(CsiTest, WhatIsNotLoggedAndOfImportanceDoesNotOvertakeEither) {
  make_account();
  auto peer = bind();
  say(peer, kInactive);
  presence("juliet@localhost/b", "away");
  soft(record::IQ, "<iq from='juliet@localhost/b' type='get' id='q'/>");
  auto out = take(peer);
  EXPECT_LT(at(out, "away"), at(out, "id='q'"));
  presence("juliet@localhost/b", "dnd");
  soft(record::PRESENCE, "<presence from='juliet@localhost' type='subscribe'/>");
  out = take(peer);
  EXPECT_LT(at(out, "dnd"), at(out, "subscribe"));
}

TEST_F(CsiTest, WhatIsHeldIsBounded) {
  w.options.held_max = 3;
  make_account();
  auto peer = bind();
  say(peer, kInactive);
  presence("a@localhost/1");
  presence("a@localhost/2");
  EXPECT_THAT(take(peer), IsEmpty());
  presence("a@localhost/3");
  EXPECT_THAT(take(peer), HasSubstr("a@localhost/1"));
  presence("a@localhost/4");
  EXPECT_THAT(take(peer), IsEmpty());
}

// XEP-0198: what was not written was not sent.
TEST_F(CsiTest, WhatIsHeldDoesNotCountAsSent) {
  make_account();
  auto peer = bind();
  enable(peer);
  say(peer, kInactive);
  presence("juliet@localhost/b");
  EXPECT_THAT(say(peer, "<a xmlns='urn:xmpp:sm:3' h='1'/>"), HasSubstr("send-count='0'"));
}

// §5.2
TEST_F(CsiTest, AResumedStreamIsActive) {
  make_account();
  auto peer = bind();
  const auto previd = enable(peer);
  deliver("<message from='nurse@localhost/n' type='chat'><body>unacked</body></message>");
  say(peer, kInactive);
  presence("juliet@localhost/b", "away");
  cut(peer);
  presence("juliet@localhost/b", "dnd");  // it was inactive when it was cut
  auto again = log_in();
  const auto out = say(again, resume(previd, 0));
  EXPECT_THAT(out, Not(HasSubstr("away")));
  EXPECT_LT(at(out, "<resumed"), at(out, "unacked"));
  EXPECT_LT(at(out, "unacked"), at(out, "dnd"));
  take(again);
  presence("juliet@localhost/b");
  EXPECT_THAT(take(again), HasSubstr("<presence"));
  // The message and the presence: two were sent, and the client may say so.
  EXPECT_THAT(say(again, "<a xmlns='urn:xmpp:sm:3' h='3'/>"), Not(HasSubstr("handled-count-too-high")));
}

TEST_F(CsiTest, BeforeThereIsASessionItIsNotUnderstood) {
  make_account();
  auto peer = log_in();
  EXPECT_THAT(say(peer, kInactive), HasSubstr("<unsupported-stanza-type"));
}

}  // namespace
}  // namespace iris::edge
