// RFC 6120 §6 with SCRAM and PLAIN, and what of them is protected.
#include "edge/sasl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "edge/scram_for_tests.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string auth(const std::string& mechanism, const std::string& text) {
  return "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='" + mechanism + "'>" + text + "</auth>";
}
std::string response(const std::string& text) {
  return "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + text + "</response>";
}
std::string plain_for(const std::string& authzid, const std::string& user, const std::string& password) {
  return auth("PLAIN", xmpp::base64_encode(authzid + std::string(1, '\0') + user + std::string(1, '\0') + password));
}
const std::string kAbort = "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";

class SaslTest : public StreamTest {
 protected:
  Peer stranger(bool encrypted = true, xmpp::ChannelBinding binding = {}) {
    auto peer = connect(encrypted);
    peer.transport->binding = std::move(binding);
    features = say(peer, kOpen);
    return peer;
  }
  // The server's first message to `header` + `bare`.
  std::string begin(Peer& peer, const std::string& mechanism, const std::string& header, const std::string& bare) {
    const auto out = say(peer, auth(mechanism, xmpp::base64_encode(header + bare)));
    return xmpp::base64_decode(between(out, "sasl'>", "</challenge>")).value_or(out);
  }
  std::string scram(Peer& peer, const std::string& mechanism, const std::string& header, const std::string& bound,
                    const std::string& user = "romeo", const std::string& password = "secret") {
    const std::string bare = "n=" + user + ",r=fyko";
    const auto first = begin(peer, mechanism, header, bare);
    if (!first.starts_with("r=")) return first;
    return say(peer, response(xmpp::base64_encode(client_final(password, bare, first, header + bound))));
  }
  std::string features;
  const xmpp::ChannelBinding both{.tls_exporter = "EXPORTED", .tls_server_end_point = "HASH"};
};

// ---------------------------------------------------------------- what is offered

TEST_F(SaslTest, MechanismsAreOfferedBestFirst) {
  stranger(true, both);
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = features.find("<mechanism>", at)) != std::string::npos; ++at)
    names.push_back(between(features.substr(at), "<mechanism>", "<"));
  EXPECT_THAT(names,
              testing::ElementsAre("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"));
}

// XEP-0440 §2
TEST_F(SaslTest, TheTypesOfChannelBindingAreOffered) {
  stranger(true, both);
  EXPECT_THAT(features,
              HasSubstr("<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/>"
                        "<channel-binding type='tls-server-end-point'/></sasl-channel-binding>"));
  stranger(true, {.tls_server_end_point = "HASH"});
  EXPECT_THAT(features, HasSubstr("<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding "
                                  "type='tls-server-end-point'/></sasl-channel-binding>"));
  stranger(true);
  EXPECT_THAT(features, Not(HasSubstr("urn:xmpp:sasl-cb:0")));
  EXPECT_THAT(features, Not(HasSubstr("-PLUS")));
}

TEST_F(SaslTest, WithoutTlsNothingIsOffered) {
  stranger(false);
  EXPECT_THAT(features, Not(HasSubstr("mechanism")));
}

TEST_F(SaslTest, PlainIsRefusedWithoutTls) {
  auto peer = stranger(false);
  EXPECT_THAT(say(peer, plain("romeo", "secret")), HasSubstr("<encryption-required"));
}

// ---------------------------------------------------------------- PLAIN

TEST_F(SaslTest, PlainLogsIn) {
  make_account();
  log_in();
}

TEST_F(SaslTest, AWrongPasswordAndAnUnknownAccountLookTheSame) {
  make_account();
  auto peer = stranger();
  const auto wrong = say(peer, plain("romeo", "guess"));
  const auto unknown = say(peer, plain("tybalt", "guess"));
  const auto impossible = say(peer, plain("a@b", "guess"));
  EXPECT_THAT(wrong, HasSubstr("<not-authorized"));
  EXPECT_EQ(wrong, unknown);
  EXPECT_EQ(wrong, impossible);
}

// RFC 5802 §2.2, RFC 8265 §4.2: the same password, typed another way.
TEST_F(SaslTest, PasswordsAndNamesArePrepared) {
  make_account("romeo@localhost", "caf\u00E9 noir");
  auto peer = stranger();
  EXPECT_THAT(say(peer, plain("ROMEO", "cafe\u0301\u00A0noir")), HasSubstr("<success"));
  auto other = stranger();
  EXPECT_THAT(say(other, plain("romeo", "bell\x07")), HasSubstr("<not-authorized"));
}

// ---------------------------------------------------------------- SCRAM

TEST_F(SaslTest, ScramLogsIn) {
  make_account();
  auto peer = stranger();
  const auto out = scram(peer, "SCRAM-SHA-256", "n,,", "");
  EXPECT_THAT(out, HasSubstr("<success"));
  EXPECT_THAT(*xmpp::base64_decode(between(out, "sasl'>", "<")), StartsWith("v="));
}

TEST_F(SaslTest, ScramBoundToTheChannelLogsIn) {
  make_account();
  for (const auto& [type, bytes] : {std::pair{"tls-exporter", "EXPORTED"}, {"tls-server-end-point", "HASH"}}) {
    auto peer = stranger(true, both);
    const std::string header = std::string("p=") + type + ",,";
    EXPECT_THAT(scram(peer, "SCRAM-SHA-256-PLUS", header, bytes), HasSubstr("<success"));
    auto middle = stranger(true, both);
    EXPECT_THAT(scram(middle, "SCRAM-SHA-256-PLUS", header, "of another session"), HasSubstr("<not-authorized"));
  }
  auto peer = stranger(true, both);
  EXPECT_THAT(scram(peer, "SCRAM-SHA-256-PLUS", "p=tls-unique,,", "x"), HasSubstr("<not-authorized"));
  EXPECT_THAT(scram(peer, "SCRAM-SHA-256-PLUS", "n,,", ""), HasSubstr("<malformed-request"));
}

// RFC 5802 §6: who could bind and was offered nothing, though something was, has somebody in the middle.
TEST_F(SaslTest, AStrippedListIsNoticed) {
  make_account();
  auto peer = stranger(true, both);
  EXPECT_THAT(scram(peer, "SCRAM-SHA-256", "y,,", ""), HasSubstr("<not-authorized"));
  EXPECT_THAT(scram(peer, "SCRAM-SHA-256", "n,,", ""), HasSubstr("<success"));
  auto unbound = stranger(true);
  EXPECT_THAT(scram(unbound, "SCRAM-SHA-256", "y,,", ""), HasSubstr("<success"));
}

// XEP-0474 §6.1: what the client saw, hashed as it would.
TEST_F(SaslTest, TheServersFirstMessageTellsWhatWasOffered) {
  auto peer = stranger(true, both);
  const auto bound = begin(peer, "SCRAM-SHA-256", "n,,", "n=romeo,r=fyko");
  EXPECT_EQ(scram_attribute(bound, 'h'),
            xmpp::downgrade_hash(xmpp::ScramHash::sha256,
                                 {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN"},
                                 {"tls-exporter", "tls-server-end-point"}));
  auto unbound = stranger();
  const auto sha1 = begin(unbound, "SCRAM-SHA-1", "n,,", "n=romeo,r=fyko");
  EXPECT_EQ(scram_attribute(sha1, 'h'),
            xmpp::downgrade_hash(xmpp::ScramHash::sha1, {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1"}, {}));
}

TEST_F(SaslTest, AnUnknownAccountGetsTheSameSaltEachTime) {
  std::vector<std::string> salts;
  for (int i = 0; i < 2; ++i) {
    auto peer = stranger();
    const std::string bare = "n=nobody,r=fyko";
    const auto first = begin(peer, "SCRAM-SHA-256", "n,,", bare);
    salts.push_back(scram_attribute(first, 's'));
    EXPECT_THAT(say(peer, response(xmpp::base64_encode(client_final("x", bare, first, "n,,")))),
                HasSubstr("<not-authorized"));
  }
  EXPECT_FALSE(salts[0].empty());
  EXPECT_EQ(salts[0], salts[1]);
}

// ---------------------------------------------------------------- RFC 6120 §6.5, RFC 5802 §5.1: what goes wrong

struct Wrong {
  const char* what;
  std::vector<std::string> said;
  const char* condition;  // of the answer to the last
};
class WrongTest : public SaslTest, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongTest, IsNamed) {
  make_account();
  auto peer = stranger();
  std::string out;
  for (const auto& bytes : GetParam().said) out = say(peer, bytes);
  EXPECT_THAT(out, HasSubstr(std::string("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><") + GetParam().condition))
      << GetParam().what;
  EXPECT_FALSE(peer.transport->closed);
  EXPECT_THAT(say(peer, plain("romeo", "secret")), HasSubstr("<success"));  // §6.4.5: it may try again
}

std::string scram_first(const std::string& message) { return auth("SCRAM-SHA-256", xmpp::base64_encode(message)); }

INSTANTIATE_TEST_SUITE_P(
    Rfc6120, WrongTest,
    testing::Values(
        Wrong{"§6.4.4: the client gives up", {auth("PLAIN", ""), kAbort}, "aborted"},
        Wrong{"in the middle of SCRAM", {scram_first("n,,n=romeo,r=x"), kAbort}, "aborted"},
        Wrong{"§6.5.5: not base64", {auth("PLAIN", "!!")}, "incorrect-encoding"},
        Wrong{"base64 without padding", {auth("PLAIN", "AGE")}, "incorrect-encoding"},
        Wrong{"base64 with a line break", {auth("PLAIN", "AGEA\nAGEA")}, "incorrect-encoding"},
        Wrong{"not base64 in a response", {auth("PLAIN", ""), response("=")}, "incorrect-encoding"},
        Wrong{"§6.5.6: to be somebody else", {plain_for("juliet@localhost", "romeo", "secret")}, "invalid-authzid"},
        Wrong{"to be no address", {plain_for("@", "romeo", "secret")}, "invalid-authzid"},
        Wrong{"the same with SCRAM", {scram_first("n,a=juliet@localhost,n=romeo,r=x")}, "invalid-authzid"},
        Wrong{"§6.5.7: an unknown mechanism", {auth("CRAM-MD5", "")}, "invalid-mechanism"},
        Wrong{"one that is not offered here", {auth("SCRAM-SHA-256-PLUS", "")}, "invalid-mechanism"},
        Wrong{"none", {"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"}, "invalid-mechanism"},
        Wrong{"in lower case", {auth("plain", "")}, "invalid-mechanism"},
        Wrong{"§6.5.8: a response to nothing", {response("AAAA")}, "malformed-request"},
        Wrong{"§6.4.2: an initial response that is empty", {auth("PLAIN", "=")}, "malformed-request"},
        Wrong{"the same with SCRAM", {auth("SCRAM-SHA-256", "=")}, "malformed-request"},
        Wrong{"an empty response", {auth("PLAIN", ""), response("")}, "malformed-request"},
        Wrong{"a second <auth/> in between", {auth("PLAIN", ""), auth("PLAIN", "")}, "malformed-request"},
        Wrong{"an element that is none", {"<hello xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"}, "malformed-request"},
        Wrong{"too long", {auth("PLAIN", xmpp::base64_encode(std::string(5000, 'a')))}, "malformed-request"},
        Wrong{"RFC 5802 §5.1: a mandatory extension", {scram_first("n,,m=x,n=romeo,r=x")}, "malformed-request"},
        Wrong{"a name with a bad escape", {scram_first("n,,n=ro=meo,r=x")}, "malformed-request"},
        Wrong{"a last message that is none",
              {scram_first("n,,n=romeo,r=x"), response(xmpp::base64_encode("hello"))},
              "malformed-request"},
        Wrong{"another nonce",
              {scram_first("n,,n=romeo,r=x"),
               response(xmpp::base64_encode("c=biws,r=x,p=" + xmpp::base64_encode(std::string(32, 'p'))))},
              "not-authorized"},
        Wrong{"§6.5.10: a wrong password", {plain("romeo", "guess")}, "not-authorized"}));

// §6.4.2: a client may wait with its first message until it is asked.
TEST_F(SaslTest, AnInitialResponseMayComeLater) {
  make_account();
  auto peer = stranger();
  EXPECT_THAT(say(peer, auth("PLAIN", "")), HasSubstr("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"));
  EXPECT_THAT(say(peer, response(xmpp::base64_encode(std::string("\0romeo\0secret", 13)))), HasSubstr("<success"));
}

// §6.3.8: one's own address may be named, as whatever one is.
TEST_F(SaslTest, ToActForOneselfIsAllowed) {
  make_account();
  auto peer = stranger();
  EXPECT_THAT(say(peer, plain_for("romeo@localhost", "romeo", "secret")), HasSubstr("<success"));
  auto other = stranger();
  EXPECT_THAT(scram(other, "SCRAM-SHA-256", "n,a=Romeo@LOCALHOST,", ""), HasSubstr("<success"));
}

// §6.4.5
TEST_F(SaslTest, TooManyFailedLoginsEndTheStream) {
  auto peer = stranger();
  for (unsigned i = 1; i < w.options.auth_attempts_max; ++i) say(peer, plain("romeo", "guess"));
  EXPECT_FALSE(peer.transport->closed);
  EXPECT_THAT(say(peer, kAbort), HasSubstr("<policy-violation"));
}

TEST_F(SaslTest, TheLogSaysWhoseLoginFailed) {
  auto peer = stranger();
  ::testing::internal::CaptureStderr();
  say(peer, plain("Romeo", "a guess"));
  say(peer, plain("no name\xc2\x85" + std::string(300, 'x'), "a guess"));
  base::flush_log();
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr(" account=romeo@localhost condition=not-authorized"));
  EXPECT_THAT(log, HasSubstr(" account=\"no name??" + std::string(191, 'x') + "\" condition=not-authorized"));
  EXPECT_THAT(log, Not(HasSubstr("guess")));
}

TEST_F(SaslTest, AStoreThatDoesNotAnswerIsATemporaryFailure) {
  w.store.options().down = true;
  auto peer = stranger();
  EXPECT_THAT(say(peer, plain("romeo", "secret")), HasSubstr("<temporary-auth-failure"));
}

// §6.4.6: a stream that is authenticated is not authenticated again.
TEST_F(SaslTest, ASecondLoginOnOneStreamIsRefused) {
  make_account();
  auto peer = log_in();
  EXPECT_THAT(say(peer, plain("romeo", "secret")), Not(HasSubstr("<success")));
  EXPECT_TRUE(peer.transport->closed);
}

}  // namespace
}  // namespace iris::edge
