#include "edge/resume_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "base/hex.h"

namespace iris::edge {
namespace {

constexpr std::size_t kBodyBytes = 8 + 4 + 8 + 8;
constexpr std::size_t kMacBytes = 16;  // of HMAC-SHA-256, cut

template <typename Number>
void put(std::string& out, Number number) {
  for (int shift = 8 * (sizeof number - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

template <typename Number>
void take(std::string_view& in, Number& number) {
  number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i)
    number = static_cast<Number>(number << 8 | static_cast<unsigned char>(in[i]));
  in.remove_prefix(sizeof number);
}

std::string mac(std::string_view body, std::string_view secret) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const std::string message = "resume\n" + std::string(body);
  IRIS_CHECK(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                  reinterpret_cast<const unsigned char*>(message.data()), message.size(), out, &size) != nullptr);
  return {reinterpret_cast<const char*>(out), kMacBytes};
}

}  // namespace

std::string encode(const ResumeToken& token, std::string_view secret) {
  std::string body;
  put(body, token.session.incarnation);
  put(body, token.session.loop);
  put(body, token.session.number);
  put(body, token.enabled_at);
  return base::to_hex(body + mac(body, secret));
}

std::optional<ResumeToken> decode_resume_token(std::string_view text, std::string_view secret) {
  const auto bytes = base::from_hex(text);
  if (!bytes || bytes->size() != kBodyBytes + kMacBytes) return std::nullopt;
  std::string_view body = std::string_view(*bytes).substr(0, kBodyBytes);
  if (CRYPTO_memcmp(mac(body, secret).data(), bytes->data() + kBodyBytes, kMacBytes) != 0) return std::nullopt;
  ResumeToken token;
  take(body, token.session.incarnation);
  take(body, token.session.loop);
  take(body, token.session.number);
  take(body, token.enabled_at);
  return token;
}

}  // namespace iris::edge
