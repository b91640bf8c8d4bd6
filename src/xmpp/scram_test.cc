#include "xmpp/scram.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "xmpp/base64.h"

namespace iris::xmpp {
namespace {

SaslCondition refused(const auto& result) {
  EXPECT_EQ(result.index(), 1u);
  return std::get<1>(result);
}

// RFC 5802 §5
TEST(Scram, sha1_vector_of_the_rfc) {
  const auto keys = *derive_keys(ScramHash::sha1, "pencil", *base64_decode("QSXCR+Q6sek8bf92"), 4096);
  ScramServer server(ScramHash::sha1);
  const auto first = std::get<ScramServer::First>(server.first("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"));
  EXPECT_EQ(first.username, "user");
  EXPECT_EQ(first.authzid, "");
  EXPECT_EQ(server.challenge(keys, "3rfcNHYJY1ZVvWVs7j"),
            "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
  const auto done = server.final("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
  EXPECT_EQ(std::get<ScramServer::Success>(done).message, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

// XEP-0474 §6.3
TEST(Scram, the_downgrade_hash_of_the_text) {
  EXPECT_EQ(
      downgrade_hash(ScramHash::sha1, {"SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"}, {"tls-server-end-point", "tls-exporter"}),
      "G6k/rBLDqgOhRRaCuuatSDFkJ08=");
}

// Without types there is no separator, so that a list whose types were taken away is another list.
TEST(Scram, the_downgrade_hash_without_channel_binding) {
  std::string hash(32, '\0');
  EVP_Digest(
      "PLAIN\x1E"
      "SCRAM-SHA-256",
      19, reinterpret_cast<unsigned char*>(hash.data()), nullptr, EVP_sha256(), nullptr);
  EXPECT_EQ(downgrade_hash(ScramHash::sha256, {"SCRAM-SHA-256", "PLAIN"}, {}), base64_encode(hash));
}

TEST(Scram, the_downgrade_hash_is_a_part_of_what_is_signed) {
  const auto keys = *derive_keys(ScramHash::sha1, "pencil", *base64_decode("QSXCR+Q6sek8bf92"), 4096);
  ScramServer server(ScramHash::sha1);
  ASSERT_EQ(server.first("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL").index(), 0u);
  EXPECT_EQ(server.challenge(keys, "3rfcNHYJY1ZVvWVs7j", "abc="),
            "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,h=abc=");
  // The proof of the RFC's example, made for a message without it: somebody has taken it out.
  EXPECT_EQ(refused(server.final("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")),
            SaslCondition::not_authorized);
}

// RFC 7677 §3
TEST(Scram, sha256_vector_of_the_rfc) {
  const auto keys = *derive_keys(ScramHash::sha256, "pencil", *base64_decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  ScramServer server(ScramHash::sha256);
  ASSERT_EQ(server.first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO").index(), 0u);
  EXPECT_EQ(server.challenge(keys, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"),
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  const auto done = server.final(
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
      "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_EQ(std::get<ScramServer::Success>(done).message, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

// A client by RFC 5802 §3, to play against the server.
std::string hmac(std::string_view key, std::string_view text) {
  std::string out(32, '\0');
  HMAC(EVP_sha256(), key.data(), int(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), nullptr);
  return out;
}

std::string client_final(std::string_view password, const std::string& first_bare, const std::string& server_first,
                         const std::string& bound) {
  const auto salt_at = server_first.find(",s=") + 3, count_at = server_first.find(",i=");
  const auto salt = *base64_decode(server_first.substr(salt_at, count_at - salt_at));
  std::string salted(32, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), int(password.size()), reinterpret_cast<const unsigned char*>(salt.data()),
                    int(salt.size()), std::stoi(server_first.substr(count_at + 3)), EVP_sha256(), 32,
                    reinterpret_cast<unsigned char*>(salted.data()));
  const std::string client_key = hmac(salted, "Client Key");
  std::string stored(32, '\0');
  EVP_Digest(client_key.data(), 32, reinterpret_cast<unsigned char*>(stored.data()), nullptr, EVP_sha256(), nullptr);
  const std::string without = "c=" + base64_encode(bound) + "," + server_first.substr(0, server_first.find(','));
  std::string proof = hmac(stored, first_bare + "," + server_first + "," + without);
  for (std::size_t i = 0; i < 32; ++i) proof[i] = char(proof[i] ^ client_key[i]);
  return without + ",p=" + base64_encode(proof);
}

std::variant<ScramServer::Success, SaslCondition> play(ScramServer server, const std::string& header,
                                                       std::string_view password, const std::string& bound) {
  const auto keys = *derive_keys(ScramHash::sha256, "secret", "0123456789abcdef");
  const std::string bare = "n=user,r=abc";
  const auto first = server.first(header + bare);
  if (first.index() == 1) return std::get<SaslCondition>(first);
  const auto challenge = server.challenge(keys, "def");
  return server.final(client_final(password, bare, challenge, bound));
}

TEST(Scram, only_the_right_password_passes) {
  EXPECT_EQ(play(ScramServer(ScramHash::sha256), "n,,", "secret", "n,,").index(), 0u);
  EXPECT_EQ(refused(play(ScramServer(ScramHash::sha256), "n,,", "Secret", "n,,")), SaslCondition::not_authorized);
}

TEST(Scram, the_header_is_bound) {
  EXPECT_EQ(play(ScramServer(ScramHash::sha256), "n,a=me,", "secret", "n,a=me,").index(), 0u);
  EXPECT_EQ(refused(play(ScramServer(ScramHash::sha256), "n,,", "secret", "y,,")), SaslCondition::not_authorized);
  EXPECT_EQ(refused(play(ScramServer(ScramHash::sha256), "n,a=me,", "secret", "n,,")), SaslCondition::not_authorized);
}

TEST(Scram, channel_binding) {
  const ChannelBinding both{.tls_exporter = "EXPORTED", .tls_server_end_point = "HASH"};
  const auto plus = [&] { return ScramServer(ScramHash::sha256, true, both); };
  EXPECT_EQ(play(plus(), "p=tls-exporter,,", "secret", "p=tls-exporter,,EXPORTED").index(), 0u);
  EXPECT_EQ(play(plus(), "p=tls-server-end-point,,", "secret", "p=tls-server-end-point,,HASH").index(), 0u);
  // Another TLS session: someone is in the middle.
  EXPECT_EQ(refused(play(plus(), "p=tls-exporter,,", "secret", "p=tls-exporter,,OTHER")),
            SaslCondition::not_authorized);
  EXPECT_EQ(refused(play(plus(), "p=tls-unique,,", "secret", "p=tls-unique,,x")), SaslCondition::not_authorized);
  EXPECT_EQ(refused(play(plus(), "n,,", "secret", "n,,")), SaslCondition::malformed_request);
  EXPECT_EQ(refused(play(ScramServer(ScramHash::sha256), "p=tls-exporter,,", "secret", "")),
            SaslCondition::malformed_request);
  const ChannelBinding exporter{.tls_exporter = "EXPORTED"};
  EXPECT_EQ(refused(play(ScramServer(ScramHash::sha256, true, exporter), "p=tls-server-end-point,,", "secret",
                         "p=tls-server-end-point,,")),
            SaslCondition::not_authorized);
}

// RFC 5802 §6
TEST(Scram, a_stripped_plus_is_noticed) {
  EXPECT_EQ(refused(play(ScramServer(ScramHash::sha256, false, {.tls_exporter = "x"}), "y,,", "secret", "y,,")),
            SaslCondition::not_authorized);
  EXPECT_EQ(play(ScramServer(ScramHash::sha256), "y,,", "secret", "y,,").index(), 0u);
  EXPECT_EQ(play(ScramServer(ScramHash::sha256, false, {.tls_exporter = "x"}), "n,,", "secret", "n,,").index(), 0u);
}

TEST(Scram, names) {
  ScramServer server(ScramHash::sha256);
  const auto first = std::get<ScramServer::First>(server.first("n,a=a=2Cb,n=c=3Dd=2C,r=x"));
  EXPECT_EQ(first.authzid, "a,b");
  EXPECT_EQ(first.username, "c=d,");
}

TEST(Scram, malformed_first_messages) {
  for (const auto* text : {"", ",", "n", "n,", "n,,", "n,,n=user", "n,,r=x,n=user", "n,,n=,r=x", "n,,n=user,r=",
                           "n,,n=us=er,r=x", "n,,n=user=2,r=x", "z,,n=user,r=x", "n,b=x,n=user,r=x", "n,a=,n=user,r=x",
                           "n,,m=x,n=user,r=y", "n,,n=user,r=\x01", "n,,n=user,r= x", "p,,n=user,r=x"}) {
    EXPECT_EQ(refused(ScramServer(ScramHash::sha256).first(text)), SaslCondition::malformed_request) << text;
  }
  EXPECT_EQ(refused(ScramServer(ScramHash::sha256).first("n,,n=" + std::string(5000, 'x') + ",r=x")),
            SaslCondition::malformed_request);
}

TEST(Scram, malformed_and_wrong_final_messages) {
  const auto run = [](std::string_view text) {
    ScramServer server(ScramHash::sha256);
    EXPECT_EQ(server.first("n,,n=user,r=abc").index(), 0u);
    static_cast<void>(server.challenge(*derive_keys(ScramHash::sha256, "x", "salt", 1), "def"));
    return refused(server.final(text));
  };
  const std::string zeros = base64_encode(std::string(32, '\0'));
  EXPECT_EQ(run("c=biws,r=abcdef,p=" + zeros), SaslCondition::not_authorized);
  EXPECT_EQ(run("c=biws,r=abcdeg,p=" + zeros), SaslCondition::not_authorized);
  for (const std::string& text :
       {std::string(), std::string("c=biws,r=abcdef"), "r=abcdef,p=" + zeros, "c=biws,p=" + zeros,
        std::string("c=biws,r=abcdef,p="), std::string("c=biws,r=abcdef,p=AAAA"), "c=!,r=abcdef,p=" + zeros,
        "c=biws,r=abcdef,p=" + zeros + "x"}) {
    EXPECT_EQ(run(text), SaslCondition::malformed_request) << text;
  }
}

TEST(ScramKeys, password_is_prepared) {  // RFC 8265 §4.2
  EXPECT_EQ(derive_keys(ScramHash::sha1, "e\u0301", "salt", 1), derive_keys(ScramHash::sha1, "\u00E9", "salt", 1));
  EXPECT_EQ(derive_keys(ScramHash::sha1, "a\u00A0b", "salt", 1), derive_keys(ScramHash::sha1, "a b", "salt", 1));
  EXPECT_FALSE(derive_keys(ScramHash::sha1, "", "salt", 1));
  EXPECT_FALSE(derive_keys(ScramHash::sha1, "a\x01", "salt", 1));
}

TEST(ScramKeys, match_a_password) {
  const auto keys = *derive_keys(ScramHash::sha1, "pencil", "salt", 100);
  EXPECT_TRUE(matches_password(ScramHash::sha1, keys, "pencil"));
  EXPECT_FALSE(matches_password(ScramHash::sha1, keys, "pen"));
  EXPECT_FALSE(matches_password(ScramHash::sha1, keys, ""));
  EXPECT_FALSE(matches_password(ScramHash::sha1, ScramKeys{}, "pencil"));
}

TEST(ScramKeys, decoys_look_like_real_ones_and_stay_the_same) {
  const auto decoy = decoy_keys(ScramHash::sha256, "nobody", "secret");
  EXPECT_EQ(decoy, decoy_keys(ScramHash::sha256, "nobody", "secret"));
  EXPECT_NE(decoy.salt, decoy_keys(ScramHash::sha256, "nobody2", "secret").salt);
  EXPECT_NE(decoy.salt, decoy_keys(ScramHash::sha256, "nobody", "secret2").salt);
  EXPECT_EQ(decoy.salt.size(), kScramSaltBytes);
  EXPECT_EQ(decoy.stored_key.size(), 32u);
}

// RFC 4616
TEST(Plain, parts) {
  using std::literals::operator""sv;
  const auto full = std::get<PlainCredentials>(parse_plain("zid\0cid\0pw"sv));
  EXPECT_EQ(full.authzid, "zid");
  EXPECT_EQ(full.authcid, "cid");
  EXPECT_EQ(full.password, "pw");
  EXPECT_EQ(std::get<PlainCredentials>(parse_plain("\0cid\0pw"sv)).authzid, "");
  for (const auto text : {""sv, "\0"sv, "\0\0"sv, "a\0b"sv, "\0a\0"sv, "\0\0b"sv, "\0a\0b\0c"sv}) {
    EXPECT_EQ(refused(parse_plain(text)), SaslCondition::malformed_request);
  }
}

TEST(Base64, strict) {
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foo"), "Zm9v");
  for (const auto* text : {"", "f", "fo", "foo", "foob", "\xFF\xFE"}) {
    EXPECT_EQ(base64_decode(base64_encode(text)), text);
  }
  for (const auto* text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zg==\n", " Zg=", "Zg==Zg==", "====", "=",
                           "Z===", "Zm-v", "Z\ng="}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace iris::xmpp
