// RFC 7395 §3: streams on WebSocket messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::string kOpenMessage = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
const std::string kCloseMessage = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";

class FramingTest : public StreamTest {
 protected:
  Peer web() { return connect(true, Framing::messages); }
  const std::vector<std::string>& tell(Peer& peer, const std::string& message) {
    say(peer, message);
    return peer.transport->messages;
  }
  auto is_open() { return StartsWith("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='"); }
  auto is_error(const std::string& condition) {
    return testing::AllOf(StartsWith("<stream:error xmlns:stream='http://etherx.jabber.org/streams'>"),
                          HasSubstr("<" + condition + " "));
  }
};

// §3.4: <open/> is answered by <open/>, and features follow in a message of their own.
TEST_F(FramingTest, OpenIsAnsweredByOpen) {
  auto peer = web();
  EXPECT_THAT(tell(peer, kOpenMessage), ElementsAre(is_open(), StartsWith("<stream:features xmlns:stream=")));
}

// §3.6: <close/> is answered by <close/>, and the WebSocket is closed.
TEST_F(FramingTest, CloseIsAnsweredByClose) {
  auto peer = web();
  tell(peer, kOpenMessage);
  EXPECT_THAT(tell(peer, kCloseMessage), ElementsAre(kCloseMessage));
  EXPECT_TRUE(peer.transport->closed);
}

TEST_F(FramingTest, ACloseWithoutAnOpenNeedsNoAnswer) {
  auto peer = web();
  EXPECT_THAT(tell(peer, kCloseMessage), IsEmpty());
  EXPECT_TRUE(peer.transport->closed);
}

// §3.3.2: headers of another namespace; and §3.5: while a stream is being opened, <open/> comes before the error; and
// <close/> behind it.
struct Wrong {
  const char* what;
  std::string message;
  const char* condition;
};
class WrongFirst : public FramingTest, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongFirst, MessageEndsTheStream) {
  auto peer = web();
  EXPECT_THAT(tell(peer, GetParam().message), ElementsAre(is_open(), is_error(GetParam().condition), kCloseMessage))
      << GetParam().what;
  EXPECT_TRUE(peer.transport->closed);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc7395, WrongFirst,
    testing::Values(Wrong{"something else than <open/>", "<presence xmlns='jabber:client'/>", "bad-format"},
                    Wrong{"<open/> of no namespace", "<open to='localhost' version='1.0'/>", "invalid-namespace"},
                    Wrong{"<open/> of another namespace", "<open xmlns='jabber:client' to='localhost' version='1.0'/>",
                          "invalid-namespace"},
                    Wrong{"<close/> of no namespace", "<close/>", "invalid-namespace"},
                    Wrong{"the header of a TCP stream", std::string(kOpen), "not-well-formed"},
                    Wrong{"nothing", "", "not-well-formed"}, Wrong{"white space", " ", "not-well-formed"},
                    Wrong{"two elements", kOpenMessage + kOpenMessage, "not-well-formed"},
                    Wrong{"a comment", "<!-- x -->" + kOpenMessage, "restricted-xml"},
                    Wrong{"another host",
                          "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>",
                          "host-unknown"},
                    Wrong{"no version", "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost'/>",
                          "unsupported-version"}));

TEST_F(FramingTest, ASecondOpenIsAnError) {
  auto peer = web();
  tell(peer, kOpenMessage);
  EXPECT_THAT(tell(peer, kOpenMessage), ElementsAre(is_error("bad-format"), kCloseMessage));
}

// §3.5: what the WebSocket itself refuses (TransportTest shows it on a connection).
TEST_F(FramingTest, ATooLongMessageIsAStreamErrorFirst) {
  auto peer = web();
  peer.stream->fail({xmpp::StreamCondition::policy_violation});
  EXPECT_THAT(peer.transport->messages, ElementsAre(is_open(), is_error("policy-violation"), kCloseMessage));
}

// §3.9: TLS is the WebSocket's.
TEST_F(FramingTest, StartTlsIsNotOfferedNorTaken) {
  auto peer = web();
  peer.transport->offers_tls = false;
  EXPECT_THAT(tell(peer, kOpenMessage).back(), testing::Not(HasSubstr("starttls")));
  EXPECT_THAT(tell(peer, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").front(), HasSubstr("<failure"));
}

// §3.3.3: each stanza declares its namespace, for nothing around it does.
TEST_F(FramingTest, StanzasStandAlone) {
  make_account();
  auto peer = web();
  tell(peer, kOpenMessage);
  tell(peer, plain("romeo", "secret"));
  tell(peer, kOpenMessage);
  const auto& out = tell(peer,
                         "<iq xmlns='jabber:client' type='set' id='b'><bind "
                         "xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  EXPECT_THAT(out, ElementsAre(StartsWith("<iq xmlns='jabber:client'")));
}

}  // namespace
}  // namespace iris::edge
