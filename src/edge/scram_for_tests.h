// For tests: a SCRAM client, by RFC 5802 §3, with SHA-256.
#pragma once
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <string>
#include <string_view>

#include "xmpp/base64.h"

namespace iris::edge {

inline std::string scram_hmac(const std::string& key, const std::string& data) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()),
       data.size(), out, &size);
  return {reinterpret_cast<char*>(out), size};
}

// Of the server's first message: what stands behind `name=`.
inline std::string scram_attribute(const std::string& message, char name) {
  const std::string text = "," + message;
  const auto at = text.find(std::string(",") + name + "=");
  if (at == std::string::npos) return {};
  return text.substr(at + 3, text.find(',', at + 3) - at - 3);
}

// The client's last message. `binding`: the header, and the channel's bytes behind it.
inline std::string client_final(const std::string& password, const std::string& first_bare,
                                const std::string& server_first, const std::string& binding) {
  const auto salt = xmpp::base64_decode(scram_attribute(server_first, 's')).value_or("");
  std::string salted(32, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                    std::stoi(scram_attribute(server_first, 'i')), EVP_sha256(), 32,
                    reinterpret_cast<unsigned char*>(salted.data()));
  const std::string client_key = scram_hmac(salted, "Client Key");
  unsigned char stored[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(client_key.data()), client_key.size(), stored);
  const std::string without_proof = "c=" + xmpp::base64_encode(binding) + ",r=" + scram_attribute(server_first, 'r');
  const std::string signature = scram_hmac({reinterpret_cast<char*>(stored), sizeof stored},
                                           first_bare + "," + server_first + "," + without_proof);
  std::string proof = client_key;
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
  return without_proof + ",p=" + xmpp::base64_encode(proof);
}

}  // namespace iris::edge
