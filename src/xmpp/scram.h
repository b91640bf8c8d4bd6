// SASL exchanges, server side, as pure state machines: SCRAM-SHA-1 and -256, with and without -PLUS (RFC 5802, RFC
// 7677), and PLAIN (RFC 4616). Messages are the decoded bytes; base64 and <auth/> are the caller's. Randomness and
// stored keys come as arguments. Secrets are compared in constant time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace iris::xmpp {

enum class ScramHash : std::uint8_t { sha1, sha256 };
std::string_view mechanism_name(ScramHash hash, bool plus = false) noexcept;  // "SCRAM-SHA-256-PLUS"

struct ScramKeys {
  std::string salt;
  std::uint32_t iterations = 0;
  std::string stored_key;
  std::string server_key;
  friend bool operator==(const ScramKeys&, const ScramKeys&) = default;
};

inline constexpr std::uint32_t kScramIterations = 4096;  // RFC 7677 §4: at least; costs about 1 ms
inline constexpr std::size_t kScramSaltBytes = 16;
inline constexpr std::uint32_t kScramIterationsMax = 1'000'000;  // of stored keys: a login may not take seconds

// Nothing if the password cannot be prepared (RFC 8265 §4.2: empty, forbidden characters).
std::optional<ScramKeys> derive_keys(ScramHash hash, std::string_view password, std::string_view salt,
                                     std::uint32_t iterations = kScramIterations);
// True if the password belongs to the keys: for PLAIN.
bool matches_password(ScramHash hash, const ScramKeys& keys, std::string_view password);
// Keys for an account that does not exist, the same for each try, so that a stranger cannot tell (RFC 5802 §9).
// `secret` is the deployment's, and `iterations` what
// its accounts have. No password matches them.
ScramKeys decoy_keys(ScramHash hash, std::string_view username, std::string_view secret,
                     std::uint32_t iterations = kScramIterations);

// RFC 6120 §6.5: what <failure/> says.
enum class SaslCondition : std::uint8_t {
  aborted,
  account_disabled,
  credentials_expired,
  encryption_required,
  incorrect_encoding,
  invalid_authzid,
  invalid_mechanism,
  malformed_request,
  mechanism_too_weak,
  not_authorized,
  temporary_auth_failure,
};
std::string_view to_string(SaslCondition condition) noexcept;  // "not-authorized"

struct PlainCredentials {
  std::string authzid;  // empty: none
  std::string authcid;
  std::string password;
};
std::variant<PlainCredentials, SaslCondition> parse_plain(std::string_view message);

// What the TLS session offers (RFC 5801 §4, RFC 9266 tls-exporter, RFC 5929 tls-server-end-point). Empty: not offered.
struct ChannelBinding {
  std::string tls_exporter;
  std::string tls_server_end_point;
  bool offered() const { return !tls_exporter.empty() || !tls_server_end_point.empty(); }
  std::vector<std::string> types() const;  // that are offered, strongest first
};

// XEP-0474 §6.1: a hash of what was offered, as base64, for the server's first message. A client that saw another list
// knows that somebody changed it on the way.
std::string downgrade_hash(ScramHash hash, std::vector<std::string> mechanisms, std::vector<std::string> bindings);

// One exchange. first() -> caller looks up the keys -> challenge() -> final(). Each step once, in order.
class ScramServer {
 public:
  struct First {
    std::string username;  // as the client wrote it, =2C and =3D decoded; not prepared
    std::string authzid;   // empty: none
  };
  struct Success {
    std::string message;  // server-final: "v=…"
  };

  // `plus`: the client chose the -PLUS mechanism. `binding`: what this TLS session offers; with plus offered to the
  // client a "y" is a downgrade (RFC 5802 §6) and refused.
  ScramServer(ScramHash hash, bool plus = false, ChannelBinding binding = {});

  std::variant<First, SaslCondition> first(std::string_view client_first);
  // server-first. `nonce` is ours: at least 18 random bytes as base64, printable without comma. `offered`: the
  // downgrade_hash(), or empty for none.
  std::string challenge(ScramKeys keys, std::string_view nonce, std::string_view offered = {});
  std::variant<Success, SaslCondition> final(std::string_view client_final);

 private:
  std::optional<std::string> binding_bytes() const;

  enum class Step : std::uint8_t { first, challenge, final, done };
  Step step_ = Step::first;
  ScramHash hash_;
  bool plus_;
  ChannelBinding binding_;
  ScramKeys keys_;
  std::string gs2_header_;
  std::string binding_type_;
  std::string client_first_bare_;
  std::string client_nonce_;
  std::string server_first_;
};

}  // namespace iris::xmpp
