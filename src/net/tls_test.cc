#include "net/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <fstream>
#include <future>

#include "net/test_client.h"
#include "net/test_server.h"

namespace iris::net {
namespace {

using std::chrono::milliseconds;

std::string hash_of_certificate(SSL* client) {
  X509* const certificate = SSL_get1_peer_certificate(client);
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), bytes, &size);
  X509_free(certificate);
  return {reinterpret_cast<const char*>(bytes), size};
}

std::string exported(SSL* client) {
  std::string bytes(32, '\0');
  EXPECT_EQ(
      SSL_export_keying_material(client, reinterpret_cast<unsigned char*>(bytes.data()), 32, "EXPORTER-Channel-Binding",
                                 24, reinterpret_cast<const unsigned char*>(""), 0, 1),
      1);
  return bytes;
}

struct Agreed {
  TlsInfo info;
  std::string exporter, end_point;
};

// A server with TLS from the first byte that tells what was agreed on, and echoes.
class DirectTls : public ::testing::Test {
 protected:
  void start(std::vector<std::string> alpn = {}, ConnectionOptions connection = {}) {
    context = server.tls(std::move(alpn));
    server.listen({.tls = context, .connection = connection}, [this](TestHandler& h) {
      echo()(h);
      h.tls = [this, &h](const TlsInfo& info) {
        agreed.set_value({info, h.connection->channel_binding(ChannelBinding::tls_exporter),
                          h.connection->channel_binding(ChannelBinding::tls_server_end_point)});
      };
      h.closed = [this](CloseReason reason) { closed.set_value(reason); };
    });
  }
  std::promise<Agreed> agreed;
  std::promise<CloseReason> closed;
  TestServer server;
  std::shared_ptr<TlsContext> context;
};

TEST_F(DirectTls, Tls13WithAlpnAndBothChannelBindings) {
  start({"xmpp-client"});
  TestClient client(server.address());
  ASSERT_TRUE(client.start_tls({.alpn = "xmpp-client"}));
  const Agreed got = agreed.get_future().get();
  EXPECT_EQ(got.info.version, "TLSv1.3");
  EXPECT_EQ(got.info.alpn, "xmpp-client");
  EXPECT_EQ(got.info.sni, "localhost");
  EXPECT_FALSE(got.info.resumed);
  EXPECT_EQ(got.exporter, exported(client.ssl()));
  EXPECT_EQ(got.end_point, hash_of_certificate(client.ssl()));
  ASSERT_TRUE(client.send("hello"));
  EXPECT_EQ(client.receive(5), "hello");
  client.hang_up();
  EXPECT_EQ(closed.get_future().get(), CloseReason::peer);
}

TEST_F(DirectTls, Tls12StillWorks) {
  start({"xmpp-client"});
  TestClient client(server.address());
  ASSERT_TRUE(client.start_tls({.version_max = TLS1_2_VERSION}));
  const Agreed got = agreed.get_future().get();
  EXPECT_EQ(got.info.version, "TLSv1.2");
  EXPECT_EQ(got.info.alpn, "");
  EXPECT_EQ(got.exporter, exported(client.ssl()));
  ASSERT_TRUE(client.send("hello"));
  EXPECT_EQ(client.receive(5), "hello");
}

TEST_F(DirectTls, Tls11IsRefused) {
  start();
  TestClient client(server.address());
  EXPECT_FALSE(client.start_tls({.version_max = TLS1_1_VERSION}));
  EXPECT_EQ(closed.get_future().get(), CloseReason::tls_failed);
}

TEST_F(DirectTls, AClientThatOffersOnlyOtherProtocolsIsRefused) {
  start({"xmpp-client"});
  TestClient client(server.address());
  EXPECT_FALSE(client.start_tls({.alpn = "h2"}));
  EXPECT_EQ(closed.get_future().get(), CloseReason::tls_failed);
}

TEST_F(DirectTls, RenegotiationIsRefused) {
  start();
  TestClient client(server.address());
  ASSERT_TRUE(client.start_tls({.version_max = TLS1_2_VERSION}));
  ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
  EXPECT_NE(SSL_do_handshake(client.ssl()), 1);
  ERR_clear_error();
}

TEST_F(DirectTls, GarbageInsteadOfAHandshakeIsRefused) {
  start();
  TestClient client(server.address());
  ASSERT_TRUE(client.send("<?xml version='1.0'?><stream:stream>"));
  EXPECT_EQ(closed.get_future().get(), CloseReason::tls_failed);
}

TEST_F(DirectTls, AHandshakeThatDoesNotComeTimesOut) {
  start({}, {.tls_handshake_timeout = milliseconds(50)});
  TestClient client(server.address());
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(closed.get_future().get(), CloseReason::timeout);
}

TEST(Tls, ASessionIsResumedByItsTicket) {
  TestServer server;
  std::atomic<int> resumed = 0, handshakes = 0;
  server.listen({.tls = server.tls()}, [&](TestHandler& h) {
    echo()(h);
    h.tls = [&](const TlsInfo& info) {
      ++handshakes;
      resumed += info.resumed;
    };
  });
  TestClient first(server.address());
  ASSERT_TRUE(first.start_tls());
  ASSERT_TRUE(first.send("x"));
  ASSERT_EQ(first.receive(1), "x");  // the ticket has come by now
  SSL_SESSION* const session = SSL_get1_session(first.ssl());
  TestClient second(server.address());
  ASSERT_TRUE(second.start_tls({.session = session}));
  ASSERT_TRUE(second.send("y"));
  EXPECT_EQ(second.receive(1), "y");
  SSL_SESSION_free(session);
  EXPECT_EQ(handshakes, 2);
  EXPECT_EQ(resumed, 1);
}

// RFC 6120 §5.4.2: <proceed/> goes out in the clear, all that follows is encrypted.
TEST(Tls, AConnectionIsUpgradedInMidStream) {
  TestServer server;
  const auto context = server.tls({"xmpp-client"});
  server.listen({}, [&](TestHandler& h) {
    h.data = [&](std::string_view bytes) {
      if (bytes != "starttls") return h.connection->write("echo " + std::string(bytes));
      h.connection->write("proceed");
      h.connection->start_tls(context);
      h.connection->write("first secret ");
    };
    h.tls = [&](const TlsInfo&) { h.connection->write("second secret"); };
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.send("hi"));
  EXPECT_EQ(client.receive(7), "echo hi");
  ASSERT_TRUE(client.send("starttls"));
  EXPECT_EQ(client.receive(7), "proceed");
  ASSERT_TRUE(client.start_tls());
  EXPECT_EQ(client.receive(26), "first secret second secret");
  ASSERT_TRUE(client.send("ho"));
  EXPECT_EQ(client.receive(7), "echo ho");
}

TEST(Tls, LargeWritesPassThroughASlowReader) {
  const std::string bytes(5'000'000, 'z');
  TestServer server;
  server.listen({.tls = server.tls(), .connection = {.output_bytes_max = 6'000'000}}, [&](TestHandler& h) {
    h.data = [&](std::string_view) {
      h.connection->write(bytes);
      h.connection->write("end");
      h.connection->close(CloseMode::graceful);
    };
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.start_tls());
  ASSERT_TRUE(client.send("go"));
  const std::string got = client.receive_all();
  EXPECT_EQ(got.size(), bytes.size() + 3);
  EXPECT_TRUE(got.ends_with("zend"));
  EXPECT_EQ(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN) << "no goodbye";
}

TEST(TlsContext, ReloadServesTheNewCertificateAndKeepsTheOldOneOnFailure) {
  TestServer server;
  const auto context = server.tls();
  server.listen({.tls = context}, echo());
  const auto certificate_now = [&] {
    TestClient client(server.address());
    EXPECT_TRUE(client.start_tls());
    return hash_of_certificate(client.ssl());
  };
  const std::string first = certificate_now();
  ASSERT_TRUE(make_self_signed({{}, server.directory / "cert.pem", server.directory / "key.pem"}));
  EXPECT_EQ(certificate_now(), first);
  ASSERT_TRUE(context->reload());
  const std::string second = certificate_now();
  EXPECT_NE(second, first);
  std::ofstream(server.directory / "cert.pem") << "not a certificate";
  EXPECT_FALSE(context->reload());
  EXPECT_EQ(certificate_now(), second);
}

TEST(TlsContext, AKeyOfAnotherCertificateIsRefused) {
  TestServer server;
  const std::string d = server.directory;
  ASSERT_TRUE(make_self_signed({{}, d + "/a.pem", d + "/a.key"}));
  ASSERT_TRUE(make_self_signed({{}, d + "/b.pem", d + "/b.key"}));
  const auto context = TlsContext::make({d + "/a.pem", d + "/b.key", {}});
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().code, base::Errc::invalid);
  EXPECT_FALSE(TlsContext::make({d + "/none.pem", d + "/b.key", {}}));
}

// OpenSSL keeps a key of another kind beside the certificate, and says nothing.
TEST(TlsContext, AKeyOfAnotherKindIsRefused) {
  TestServer server;
  const std::string d = server.directory;
  ASSERT_TRUE(make_self_signed({{}, d + "/a.pem", d + "/a.key"}));  // ECDSA
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> rsa(EVP_RSA_gen(2048), EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file((d + "/rsa.key").c_str(), "w"), BIO_free);
  ASSERT_EQ(PEM_write_bio_PrivateKey(file.get(), rsa.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
  ASSERT_EQ(BIO_flush(file.get()), 1);
  const auto context = TlsContext::make({d + "/a.pem", d + "/rsa.key", {}});
  ASSERT_FALSE(context);
  EXPECT_THAT(context.error().message, testing::HasSubstr("it is not that of"));
}

TEST(TlsContext, WhatIsNoFileIsNotRead) {
  TestServer server;
  const std::string d = server.directory;
  ASSERT_TRUE(make_self_signed({{}, d + "/a.pem", d + "/a.key"}));
  for (const std::string& path : {std::string("/dev/zero"), d}) {
    for (const auto& options : {TlsOptions{path, d + "/a.key", {}}, TlsOptions{d + "/a.pem", path, {}}}) {
      const auto context = TlsContext::make(options);
      ASSERT_FALSE(context);
      EXPECT_EQ(context.error().message, path + " is no regular file");
    }
  }
}

TEST(SelfSigned, TheKeyIsPrivateAndTheNamesAreThere) {
  TestServer server;
  const std::string d = server.directory;
  ASSERT_TRUE(make_self_signed({{"iris.example", "xmpp.iris.example"}, d + "/c.pem", d + "/k.pem"}));
  struct stat mode {};
  ASSERT_EQ(stat((d + "/k.pem").c_str(), &mode), 0);
  EXPECT_EQ(mode.st_mode & 0777, 0600u);

  FILE* const file = fopen((d + "/c.pem").c_str(), "r");
  X509* const certificate = PEM_read_X509(file, nullptr, nullptr, nullptr);
  fclose(file);
  ASSERT_NE(certificate, nullptr);
  for (const char* name : {"localhost", "iris.example", "xmpp.iris.example"}) {
    EXPECT_EQ(X509_check_host(certificate, name, 0, 0, nullptr), 1) << name;
  }
  EXPECT_EQ(X509_check_ip_asc(certificate, "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate, "::1", 0), 1);
  X509_free(certificate);
}

TEST(SelfSigned, ANameThatCouldSmuggleInAFieldIsRefused) {
  TestServer server;
  const std::string d = server.directory;
  EXPECT_FALSE(make_self_signed({{"a,IP:10.0.0.1"}, d + "/c.pem", d + "/k.pem"}));
  EXPECT_FALSE(make_self_signed({{""}, d + "/c.pem", d + "/k.pem"}));
}

}  // namespace
}  // namespace iris::net
