// The client's side of SCRAM (RFC 5802, RFC 7677), without channel binding. What costs a millisecond, the keys, comes
// from a cache (load/key_cache.h), so that twenty thousand logins measure the server.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace iris::load {

enum class ScramHash : std::uint8_t { sha1, sha256 };
std::string_view scram_name(ScramHash hash);  // "SCRAM-SHA-256"

struct ClientKeys {
  std::string client_key, stored_key, server_key;
  friend bool operator==(const ClientKeys&, const ClientKeys&) = default;
};
// PBKDF2. The password is taken as it is: ASCII.
ClientKeys derive_client_keys(ScramHash hash, std::string_view password, std::string_view salt,
                              std::uint32_t iterations);

class KeyCache;

// One exchange: first() -> final() -> good(). Messages are the decoded bytes.
class ScramClient {
 public:
  // Of name and nonce nothing is escaped: no comma, no equals sign.
  ScramClient(ScramHash hash, std::string_view name, std::string_view nonce);
  std::string first() const;
  // Nothing if the server's first message makes no sense.
  std::optional<std::string> final(std::string_view server_first, std::string_view password, KeyCache& cache);
  // Whether the server knows the keys too.
  bool good(std::string_view server_final) const;

 private:
  ScramHash hash_;
  std::string first_bare_, nonce_, server_signature_;
};

}  // namespace iris::load
