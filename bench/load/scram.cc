#include "load/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>

#include "base/check.h"
#include "load/key_cache.h"
#include "xmpp/base64.h"

namespace iris::load {
namespace {

const EVP_MD* digest_of(ScramHash hash) { return hash == ScramHash::sha1 ? EVP_sha1() : EVP_sha256(); }

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string hmac(ScramHash hash, std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  IRIS_CHECK(HMAC(digest_of(hash), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(), out.data(),
                  &size) != nullptr);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string digest(ScramHash hash, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  IRIS_CHECK(EVP_Digest(text.data(), text.size(), out.data(), &size, digest_of(hash), nullptr) == 1);
  return {reinterpret_cast<const char*>(out.data()), size};
}

// The value of `key=` in a list of such, separated by commas.
std::string_view field(std::string_view message, char key) {
  while (!message.empty()) {
    const std::size_t comma = message.find(',');
    const std::string_view part = message.substr(0, comma);
    if (part.size() >= 2 && part[0] == key && part[1] == '=') return part.substr(2);
    if (comma == std::string_view::npos) break;
    message.remove_prefix(comma + 1);
  }
  return {};
}

}  // namespace

std::string_view scram_name(ScramHash hash) { return hash == ScramHash::sha1 ? "SCRAM-SHA-1" : "SCRAM-SHA-256"; }

ClientKeys derive_client_keys(ScramHash hash, std::string_view password, std::string_view salt,
                              std::uint32_t iterations) {
  std::string salted(static_cast<std::size_t>(EVP_MD_get_size(digest_of(hash))), '\0');
  IRIS_CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                               static_cast<int>(salt.size()), static_cast<int>(iterations), digest_of(hash),
                               static_cast<int>(salted.size()), reinterpret_cast<unsigned char*>(salted.data())) == 1);
  ClientKeys keys;
  keys.client_key = hmac(hash, salted, "Client Key");
  keys.stored_key = digest(hash, keys.client_key);
  keys.server_key = hmac(hash, salted, "Server Key");
  return keys;
}

ScramClient::ScramClient(ScramHash hash, std::string_view name, std::string_view nonce)
    : hash_(hash), first_bare_("n=" + std::string(name) + ",r=" + std::string(nonce)), nonce_(nonce) {}

std::string ScramClient::first() const { return "n,," + first_bare_; }

std::optional<std::string> ScramClient::final(std::string_view server_first, std::string_view password,
                                              KeyCache& cache) {
  const std::string_view nonce = field(server_first, 'r');
  const auto salt = xmpp::base64_decode(field(server_first, 's'));
  const std::string_view count = field(server_first, 'i');
  std::uint32_t iterations = 0;
  std::from_chars(count.data(), count.data() + count.size(), iterations);
  if (!nonce.starts_with(nonce_) || nonce.size() == nonce_.size() || !salt || iterations == 0) return std::nullopt;

  const ClientKeys& keys = cache.keys(hash_, password, *salt, iterations);
  const std::string without_proof = "c=biws,r=" + std::string(nonce);
  const std::string message = first_bare_ + "," + std::string(server_first) + "," + without_proof;
  std::string proof = hmac(hash_, keys.stored_key, message);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ keys.client_key[i]);
  server_signature_ = hmac(hash_, keys.server_key, message);
  return without_proof + ",p=" + xmpp::base64_encode(proof);
}

bool ScramClient::good(std::string_view server_final) const {
  const auto signature = xmpp::base64_decode(field(server_final, 'v'));
  return signature && !server_signature_.empty() && *signature == server_signature_;
}

}  // namespace iris::load
