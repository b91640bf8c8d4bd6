// Dialogues on one connection, byte by byte, as RFC 6120 and the XEPs show them.
#include "edge/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// ---------------------------------------------------------------- RFC 6120 §4: opening

TEST_F(StreamTest, AnswersTheHeaderWithItsOwnAndItsFeatures) {
  auto peer = connect(false);
  const auto out = say(peer, kOpen);
  EXPECT_THAT(out, StartsWith("<?xml version='1.0'?><stream:stream "));
  EXPECT_THAT(out, HasSubstr("from='localhost'"));
  EXPECT_THAT(out, HasSubstr("version='1.0'"));
  EXPECT_THAT(out, HasSubstr("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/>"));
  EXPECT_THAT(out, Not(HasSubstr("mechanism")));  // nothing to log in with before TLS
}

struct BadHeader {
  const char* header;
  const char* condition;
};
class BadHeaderTest : public StreamTest, public testing::WithParamInterface<BadHeader> {};

TEST_P(BadHeaderTest, EndsTheStream) {
  auto peer = connect();
  const auto out = say(peer, GetParam().header);
  EXPECT_THAT(out, HasSubstr("<stream:stream "));  // §4.9.1.2: the header comes first
  EXPECT_THAT(out, HasSubstr(GetParam().condition));
  EXPECT_THAT(out, testing::EndsWith(std::string(kEnd)));
  EXPECT_TRUE(peer.transport->closed);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc6120, BadHeaderTest,
    testing::Values(
        BadHeader{
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.org' "
            "version='1.0'>",
            "<host-unknown"},
        BadHeader{"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
                  "<improper-addressing"},
        BadHeader{
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost'>",
            "<unsupported-version"},
        BadHeader{"<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' "
                  "version='1.0'>",
                  "<invalid-namespace"},
        BadHeader{"<stream:stream xmlns='jabber:client' xmlns:stream='urn:example:x' to='localhost' version='1.0'>",
                  "<invalid-namespace"},
        BadHeader{"GET / HTTP/1.1\r\n\r\n", "<not-well-formed"},
        BadHeader{"<!DOCTYPE x [<!ENTITY a 'b'>]><stream:stream>", "<restricted-xml"}));

TEST_F(StreamTest, AClosedStreamIsClosedInReturn) {
  auto peer = connect();
  say(peer, kOpen);
  EXPECT_EQ(say(peer, kEnd), kEnd);
  EXPECT_TRUE(peer.transport->closed);
}

TEST_F(StreamTest, AStrangerMayNotTakeForever) {
  auto peer = connect();
  say(peer, kOpen);
  EXPECT_THAT(say(peer, " ", w.options.negotiation_timeout + 1s), HasSubstr("<connection-timeout"));
}

TEST_F(StreamTest, AStrangerMaySendOnlySoMuch) {
  auto peer = connect();
  say(peer, kOpen);
  EXPECT_THAT(say(peer, std::string(w.options.negotiation_bytes_max + 1, ' ')), HasSubstr("<policy-violation"));
}

TEST_F(StreamTest, AStanzaBeforeTheLoginIsNotAuthorized) {
  auto peer = connect();
  say(peer, kOpen);
  EXPECT_THAT(say(peer, chat("a")), HasSubstr("<not-authorized"));
}

TEST_F(StreamTest, AConnectionThatGoesLeavesNothing) {
  auto peer = connect();
  say(peer, kOpen);
  EXPECT_EQ(edge->stats().streams, 1u);
  cut(peer);
  EXPECT_EQ(edge->stats().streams, 0u);
}

// ---------------------------------------------------------------- §5: STARTTLS

TEST_F(StreamTest, StartTlsBeginsTheStreamAnew) {
  auto peer = connect(false);
  say(peer, kOpen);
  EXPECT_THAT(say(peer, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), HasSubstr("<proceed"));
  EXPECT_TRUE(peer.transport->handshake);
  peer.transport->encrypted = true;
  peer.stream->on_tls();
  const auto out = say(peer, kOpen);
  EXPECT_THAT(out, HasSubstr("SCRAM-SHA-256"));
  EXPECT_THAT(out, Not(HasSubstr("starttls")));
}

TEST_F(StreamTest, BytesBehindStartTlsAreNotTakenForEncryptedOnes) {
  auto peer = connect(false);
  say(peer, kOpen);
  say(peer, std::string("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") + std::string(kOpen) + chat("injected"));
  peer.transport->encrypted = true;
  peer.stream->on_tls();
  EXPECT_THAT(say(peer, kOpen), HasSubstr("SCRAM-SHA-256"));
  EXPECT_FALSE(peer.transport->closed);
}

// ---------------------------------------------------------------- §7: bind

TEST_F(StreamTest, BindGivesTheResourceThatWasAskedFor) {
  make_account();
  auto peer = bind();
  EXPECT_EQ(edge->stats().sessions, 1u);
}

TEST_F(StreamTest, BindMakesAResource) {
  make_account();
  auto peer = log_in();
  const auto out = say(peer, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  EXPECT_GE(between(out, "<jid>romeo@localhost/", "</jid>").size(), 16u);
}

TEST_F(StreamTest, AFullDiskRefusesToBindAndTheClientMayTryAgain) {
  make_account();
  auto peer = log_in();
  const std::string bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
  w.log.options().append_no_space = 1;
  EXPECT_THAT(say(peer, bind), HasSubstr("<resource-constraint"));
  w.log.options().append_no_space = 0;
  EXPECT_THAT(say(peer, bind), HasSubstr("<jid>"));
}

TEST_F(StreamTest, StanzasThatCameWhileBindingAreNotLost) {
  make_account();
  auto peer = log_in();
  say(peer, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>" + chat("early"));
  ASSERT_THAT(w.shard.accepted, SizeIs(1));
  EXPECT_EQ(w.shard.accepted[0].stanza().id(), "early");
}

// RFC 6120 §4.9.1.1: one error, and then the end; §4.4: an end is answered with an end. Also while a bind is under way.
TEST_F(StreamTest, WhatEndsAStreamDuringABindEndsItOnce) {
  make_account();
  for (const std::string behind : {"xx", "<a>]]></a>", "<p:q/>", "</stream:stream>"}) {
    auto peer = log_in();
    const auto out = say(peer, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>" + behind);
    const auto error = out.find("<stream:error>");
    EXPECT_EQ(error == std::string::npos, behind == kEnd) << out;
    EXPECT_EQ(out.find("<stream:error>", error), out.rfind("<stream:error>")) << out;
    EXPECT_THAT(out, testing::EndsWith(kEnd));
    EXPECT_EQ(edge->stats().sessions, 0u);
  }
}

TEST_F(StreamTest, ALoggedStanzaIsAppended) {
  make_account();
  auto peer = bind();
  say(peer, chat("a") + chat("b"));
  EXPECT_THAT(w.shard.accepted, SizeIs(2));
}

TEST_F(StreamTest, WhoSendsTooFastIsReadSlower) {
  w.options.stanzas_per_second = 10;
  w.options.stanzas_burst = 2;
  make_account();
  auto peer = bind();
  say(peer, chat("a") + chat("b") + chat("c"));
  EXPECT_TRUE(peer.transport->held);
  EXPECT_THAT(w.shard.accepted, SizeIs(3));  // what was read is taken
  w.run(200ms);
  EXPECT_FALSE(peer.transport->held);
}

TEST_F(StreamTest, TheStreamsLanguageIsThatOfItsStanzas) {
  make_account();
  auto peer = connect();
  const std::string open =
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' "
      "xml:lang='it' version='1.0'>";
  say(peer, open);
  say(peer, plain("romeo", "secret"));
  say(peer, open);
  say(peer, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  say(peer, chat("a"));
  ASSERT_THAT(w.shard.accepted, SizeIs(1));
  EXPECT_EQ(w.shard.accepted[0].stanza().lang(), "it");
}

TEST_F(StreamTest, AStanzaThatIsTooBigEndsTheStream) {
  make_account();
  auto peer = bind();
  EXPECT_THAT(say(peer, "<message><body>" + std::string(w.options.stanza_bytes_max, 'x') + "</body></message>"),
              HasSubstr("<policy-violation"));
}

TEST_F(StreamTest, AStanzaThatIsTooBigAsItWouldBePassedOnIsRefused) {
  make_account();
  auto peer = bind();
  const std::string text(w.options.stanza_bytes_max / 4, '&');
  EXPECT_THAT(say(peer, "<message id='m' to='juliet@localhost'><body><![CDATA[" + text + "]]></body></message>"),
              HasSubstr("<policy-violation"));
  EXPECT_THAT(say(peer, "<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"),
              HasSubstr("result"));
}

// Before a login a prefix of many letters, used in each attribute, would be repeated in memory.
TEST_F(StreamTest, AStrangersMessageIsNoLongerThanALogin) {
  make_account();
  auto peer = connect(true, Framing::messages);
  EXPECT_EQ(peer.transport->message_max, w.options.negotiation_bytes_max);
  const std::string open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
  say(peer, open);
  EXPECT_THAT(say(peer, plain("romeo", "secret")), HasSubstr("<success"));
  EXPECT_GT(peer.transport->message_max, w.options.stanza_bytes_max);
}

TEST_F(StreamTest, AStrangerMaySayLittleInManyNames) {
  auto peer = connect();
  say(peer, kOpen);
  std::string names = "<iq type='get' id='a' xmlns:p='" + std::string(500, 'n') + "'>";
  for (int i = 0; i < 100; ++i) names += "<x p:a='' p:b='' p:c='' p:d=''/>";
  EXPECT_THAT(say(peer, names), HasSubstr("<policy-violation"));
}

TEST_F(StreamTest, AClosedStreamEndsItsSession) {
  make_account();
  auto peer = bind();
  say(peer, kEnd);
  EXPECT_EQ(edge->stats().sessions, 0u);
  EXPECT_THAT(w.shard.unregisters(), SizeIs(1));
}

// ---------------------------------------------------------------- features

// Converse.js asks for a session because <session/> is offered, though that says <optional/>.
TEST_F(StreamTest, AClientFromBeforeRfc6120GetsItsSession) {
  make_account();
  auto peer = bind();
  EXPECT_THAT(say(peer, "<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"),
              HasSubstr("type='result'"));
}

// ---------------------------------------------------------------- RFC 7395

TEST_F(StreamTest, AWebSocketIsFramedByMessages) {
  make_account();
  auto peer = connect(true, Framing::messages);
  const std::string open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
  say(peer, open);
  ASSERT_THAT(peer.transport->messages, SizeIs(2));
  EXPECT_THAT(peer.transport->messages[0], StartsWith("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'"));
  EXPECT_THAT(peer.transport->messages[1],
              StartsWith("<stream:features xmlns:stream='http://etherx.jabber.org/streams'>"));
  EXPECT_THAT(say(peer, plain("romeo", "secret")), HasSubstr("<success xmlns="));
  say(peer, open);
  const auto out = say(peer,
                       "<iq xmlns='jabber:client' type='set' id='b'><bind "
                       "xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  EXPECT_THAT(out, HasSubstr("xmlns='jabber:client'"));
  EXPECT_THAT(out, HasSubstr("<jid>"));
  EXPECT_THAT(say(peer, "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"),
              "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
  EXPECT_EQ(edge->stats().sessions, 0u);
}

TEST_F(StreamTest, APlainWebSocketOfThisMachineMayUseScramOnly) {
  auto peer = connect(false, Framing::messages);
  const std::string open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
  peer.transport->address = {"127.0.0.1", 1};
  const auto out = say(peer, open);
  EXPECT_THAT(out, HasSubstr("SCRAM-SHA-1<"));
  EXPECT_THAT(out, Not(HasSubstr("PLAIN")));
  auto stranger = connect(false, Framing::messages);
  EXPECT_THAT(say(stranger, open), Not(HasSubstr("SCRAM")));
}

// ---------------------------------------------------------------- the end

TEST_F(StreamTest, AShutdownSaysSoAndEndsAllSessions) {
  make_account();
  auto peer = bind();
  enable(peer);
  peer.transport->out.clear();
  bool quiet = false;
  edge->shutdown([&] { quiet = true; });
  EXPECT_THAT(peer.transport->out, HasSubstr("<system-shutdown"));
  cut(peer);
  w.run(100ms);
  EXPECT_TRUE(quiet);
  EXPECT_THAT(w.shard.unregisters(), SizeIs(1));
}

}  // namespace
}  // namespace iris::edge
