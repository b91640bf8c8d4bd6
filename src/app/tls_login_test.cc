// Logins over real TLS: versions, ALPN, and SCRAM bound to the channel, from the first byte to <success/>.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "app/server_for_tests.h"
#include "edge/scram_for_tests.h"
#include "net/test_client.h"

namespace iris::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kOpen =
    "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";
const std::string kSasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";

// What a client knows of its TLS session (RFC 9266 §2, RFC 5929 §4).
std::string exporter(SSL* ssl) {
  std::string bytes(32, '\0');
  EXPECT_EQ(
      SSL_export_keying_material(ssl, reinterpret_cast<unsigned char*>(bytes.data()), 32, "EXPORTER-Channel-Binding",
                                 24, reinterpret_cast<const unsigned char*>(""), 0, 1),
      1);
  return bytes;
}
std::string server_end_point(SSL* ssl) {
  X509* const certificate = SSL_get1_peer_certificate(ssl);
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), bytes, &size);
  X509_free(certificate);
  return {reinterpret_cast<const char*>(bytes), size};
}

class TlsLogin : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    ASSERT_EQ(start(config()), "");
    ASSERT_EQ(irisctl({"account", "add", "romeo", "--password", "secret"}), 0) << err_;
  }
  std::string open(net::TestClient& client) {
    EXPECT_TRUE(client.send(kOpen));
    return client.receive_until("</stream:features>");
  }
  // RFC 6120 §5
  bool start_tls(net::TestClient& client, const net::TestTls& tls) {
    EXPECT_THAT(open(client), HasSubstr("<required/>"));
    EXPECT_TRUE(client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
    EXPECT_THAT(client.receive_until("/>"), HasSubstr("<proceed"));
    return client.start_tls(tls);
  }
  // SCRAM-SHA-256-PLUS; the answer to the last message.
  std::string log_in(net::TestClient& client, const std::string& type, const std::string& bound) {
    const std::string header = "p=" + type + ",,", bare = "n=romeo,r=fyko";
    EXPECT_TRUE(client.send("<auth " + kSasl + " mechanism='SCRAM-SHA-256-PLUS'>" + xmpp::base64_encode(header + bare) +
                            "</auth>"));
    const std::string challenge = client.receive_until("</challenge>");
    const auto from = challenge.find('>') + 1;
    const auto first = xmpp::base64_decode(challenge.substr(from, challenge.rfind('<') - from));
    if (!first) return challenge;
    EXPECT_TRUE(client.send("<response " + kSasl + ">" +
                            xmpp::base64_encode(edge::client_final("secret", bare, *first, header + bound)) +
                            "</response>"));
    std::string answer;
    while (!answer.ends_with("</success>") && !answer.ends_with("</failure>")) {
      const std::string some = client.receive_some(1);
      if (some.empty()) break;
      answer += some;
    }
    return answer;
  }
};

class TlsVersions : public TlsLogin, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Of, TlsVersions, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_P(TlsVersions, ALoginIsBoundToItsChannel) {
  for (const char* type : {"tls-exporter", "tls-server-end-point"}) {
    net::TestClient client(*server_->address_of("starttls"));
    ASSERT_TRUE(start_tls(client, {.version_max = GetParam()}));
    const std::string features = open(client);
    EXPECT_THAT(features, HasSubstr("<mechanism>SCRAM-SHA-256-PLUS</mechanism>"));
    EXPECT_THAT(features, HasSubstr("<channel-binding type='tls-exporter'/>"));
    EXPECT_THAT(features, HasSubstr("<channel-binding type='tls-server-end-point'/>"));
    const bool exported = std::string(type) == "tls-exporter";
    EXPECT_THAT(log_in(client, type, exported ? exporter(client.ssl()) : server_end_point(client.ssl())),
                HasSubstr("<success"));
  }
}

// Two TLS sessions with somebody between them.
TEST_P(TlsVersions, ALoginBoundToAnotherChannelIsRefused) {
  net::TestClient other(*server_->address_of("direct_tls"));
  ASSERT_TRUE(other.start_tls({.version_max = GetParam()}));
  net::TestClient client(*server_->address_of("direct_tls"));
  ASSERT_TRUE(client.start_tls({.version_max = GetParam()}));
  open(client);
  EXPECT_THAT(log_in(client, "tls-exporter", exporter(other.ssl())), HasSubstr("<not-authorized"));
  EXPECT_THAT(log_in(client, "tls-server-end-point", std::string(32, 'x')), HasSubstr("<not-authorized"));
  EXPECT_THAT(log_in(client, "tls-exporter", exporter(client.ssl())), HasSubstr("<success"));
}

TEST_F(TlsLogin, Tls11IsRefusedByStartTlsAndFromTheFirstByte) {
  net::TestClient upgraded(*server_->address_of("starttls"));
  EXPECT_FALSE(start_tls(upgraded, {.version_max = TLS1_1_VERSION}));
  net::TestClient direct(*server_->address_of("direct_tls"));
  EXPECT_FALSE(direct.start_tls({.version_max = TLS1_1_VERSION}));
}

// XEP-0368 §4
TEST_F(TlsLogin, DirectTlsSpeaksXmppByAlpn) {
  net::TestClient named(*server_->address_of("direct_tls"));
  ASSERT_TRUE(named.start_tls({.alpn = "xmpp-client"}));
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(named.ssl(), &protocol, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(protocol), size), "xmpp-client");
  const std::string features = open(named);
  EXPECT_THAT(features, HasSubstr("<mechanism>PLAIN</mechanism>"));
  EXPECT_THAT(features, Not(HasSubstr("<starttls")));
  net::TestClient without(*server_->address_of("direct_tls"));
  ASSERT_TRUE(without.start_tls());
  EXPECT_THAT(open(without), HasSubstr("<mechanisms"));
  net::TestClient web(*server_->address_of("direct_tls"));
  EXPECT_FALSE(web.start_tls({.alpn = "h2"}));
}

// XEP-0156 §2: over HTTPS, in both formats, for scripts of any origin.
TEST_F(TlsLogin, HostMetaNamesTheSecureWebSocket) {
  const auto get = [this](const std::string& path) {
    net::TestClient client(*server_->address_of("https"));
    EXPECT_TRUE(client.start_tls());
    EXPECT_TRUE(
        client.send("GET /.well-known/" + path + " HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n"));
    return client.receive_all();
  };
  const std::string xml = get("host-meta");
  EXPECT_THAT(xml, HasSubstr("Content-Type: application/xrd+xml"));
  EXPECT_THAT(xml, HasSubstr("Access-Control-Allow-Origin: *"));
  EXPECT_THAT(xml, HasSubstr("<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>"));
  EXPECT_THAT(xml, HasSubstr("<Link rel='urn:xmpp:alt-connections:websocket' href='wss://chat.example/ws'/>"));
  const std::string json = get("host-meta.json");
  EXPECT_THAT(json, HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(json, HasSubstr("Access-Control-Allow-Origin: *"));
  EXPECT_THAT(
      json,
      HasSubstr(R"({"links": [{"rel": "urn:xmpp:alt-connections:websocket", "href": "wss://chat.example/ws"}]})"));
}

}  // namespace
}  // namespace iris::app
