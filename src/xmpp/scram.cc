#include "xmpp/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "xmpp/base64.h"
#include "xmpp/prepare.h"

namespace iris::xmpp {
namespace {

constexpr std::size_t kMessageBytesMax = 4096;  // of a SASL message: names and nonces, all from a stranger

const EVP_MD* md(ScramHash hash) { return hash == ScramHash::sha1 ? EVP_sha1() : EVP_sha256(); }
std::size_t size_of(ScramHash hash) { return static_cast<std::size_t>(EVP_MD_get_size(md(hash))); }

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string hmac(ScramHash hash, std::string_view key, std::string_view text) {
  std::string out(size_of(hash), '\0');
  unsigned size = 0;
  const auto* done =
      HMAC(md(hash), key.data(), static_cast<int>(key.size()), bytes(text), text.size(), bytes(out), &size);
  IRIS_CHECK(done != nullptr && size == out.size());
  return out;
}

std::string digest(ScramHash hash, std::string_view text) {
  std::string out(size_of(hash), '\0');
  IRIS_CHECK(EVP_Digest(text.data(), text.size(), bytes(out), nullptr, md(hash), nullptr) == 1);
  return out;
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string exclusive_or(std::string a, std::string_view b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

ScramKeys derive_from_prepared(ScramHash hash, std::string_view prepared, std::string_view salt,
                               std::uint32_t iterations) {
  std::string salted(size_of(hash), '\0');  // RFC 5802 §3
  IRIS_CHECK(iterations > 0 && iterations <= kScramIterationsMax);
  IRIS_CHECK(PKCS5_PBKDF2_HMAC(prepared.data(), static_cast<int>(prepared.size()), bytes(salt),
                               static_cast<int>(salt.size()), static_cast<int>(iterations), md(hash),
                               static_cast<int>(salted.size()), bytes(salted)) == 1);
  ScramKeys keys{.salt = std::string(salt),
                 .iterations = iterations,
                 .stored_key = digest(hash, hmac(hash, salted, "Client Key")),
                 .server_key = hmac(hash, salted, "Server Key")};
  OPENSSL_cleanse(salted.data(), salted.size());
  return keys;
}

// RFC 5802 §5.1: a saslname has "," and "=" as =2C and =3D. Nothing for any other use of "=".
std::optional<std::string> decode_name(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    std::size_t used = 1;
    if (name.starts_with("=2C")) {
      out += ',', used = 3;
    } else if (name.starts_with("=3D")) {
      out += '=', used = 3;
    } else if (name[0] == '=') {
      return std::nullopt;
    } else {
      out += name[0];
    }
    name.remove_prefix(used);
  }
  return out;
}

// Takes `key=value` up to a comma from the front. Nothing if the next attribute is another.
std::optional<std::string_view> take(std::string_view& text, char key) {
  if (text.size() < 2 || text[0] != key || text[1] != '=') return std::nullopt;
  text.remove_prefix(2);
  const auto comma = text.find(',');
  const auto value = text.substr(0, comma);
  text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  return value;
}

// RFC 5802 §7: c-nonce is printable, without comma.
bool is_nonce(std::string_view nonce) {
  return !nonce.empty() && std::ranges::all_of(nonce, [](char c) { return c > ' ' && c < 0x7F && c != ','; });
}

}  // namespace

std::string_view mechanism_name(ScramHash hash, bool plus) noexcept {
  if (hash == ScramHash::sha1) return plus ? "SCRAM-SHA-1-PLUS" : "SCRAM-SHA-1";
  return plus ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256";
}

std::optional<ScramKeys> derive_keys(ScramHash hash, std::string_view password, std::string_view salt,
                                     std::uint32_t iterations) {
  auto prepared = prepare_password(password);
  if (!prepared) return std::nullopt;
  ScramKeys keys = derive_from_prepared(hash, *prepared, salt, iterations);
  OPENSSL_cleanse(prepared->data(), prepared->size());
  return keys;
}

bool matches_password(ScramHash hash, const ScramKeys& keys, std::string_view password) {
  if (keys.iterations == 0 || keys.iterations > kScramIterationsMax) return false;
  const auto derived = derive_keys(hash, password, keys.salt, keys.iterations);
  return derived && same_secret(derived->stored_key, keys.stored_key);
}

ScramKeys decoy_keys(ScramHash hash, std::string_view username, std::string_view secret, std::uint32_t iterations) {
  const auto part = [&](std::string_view label) {
    return hmac(hash, secret, std::string(label) + std::string(username));
  };
  // As long as a real salt; the keys are the output of a keyed hash, so no password leads to them.
  return {.salt = part("salt:").substr(0, kScramSaltBytes),
          .iterations = iterations,
          .stored_key = part("stored:"),
          .server_key = part("server:")};
}

std::string_view to_string(SaslCondition condition) noexcept {
  switch (condition) {
    case SaslCondition::aborted: return "aborted";
    case SaslCondition::account_disabled: return "account-disabled";
    case SaslCondition::credentials_expired: return "credentials-expired";
    case SaslCondition::encryption_required: return "encryption-required";
    case SaslCondition::incorrect_encoding: return "incorrect-encoding";
    case SaslCondition::invalid_authzid: return "invalid-authzid";
    case SaslCondition::invalid_mechanism: return "invalid-mechanism";
    case SaslCondition::malformed_request: return "malformed-request";
    case SaslCondition::mechanism_too_weak: return "mechanism-too-weak";
    case SaslCondition::not_authorized: return "not-authorized";
    case SaslCondition::temporary_auth_failure: return "temporary-auth-failure";
  }
  return "not-authorized";
}

std::variant<PlainCredentials, SaslCondition> parse_plain(std::string_view message) {
  if (message.size() > kMessageBytesMax) return SaslCondition::malformed_request;
  const auto first = message.find('\0');
  if (first == std::string_view::npos) return SaslCondition::malformed_request;
  const auto second = message.find('\0', first + 1);
  if (second == std::string_view::npos) return SaslCondition::malformed_request;
  PlainCredentials credentials{.authzid = std::string(message.substr(0, first)),
                               .authcid = std::string(message.substr(first + 1, second - first - 1)),
                               .password = std::string(message.substr(second + 1))};
  const bool complete = !credentials.authcid.empty() && !credentials.password.empty();
  if (!complete || credentials.password.contains('\0')) return SaslCondition::malformed_request;
  return credentials;
}

std::vector<std::string> ChannelBinding::types() const {
  std::vector<std::string> out;
  if (!tls_exporter.empty()) out.emplace_back("tls-exporter");
  if (!tls_server_end_point.empty()) out.emplace_back("tls-server-end-point");
  return out;
}

std::string downgrade_hash(ScramHash hash, std::vector<std::string> mechanisms, std::vector<std::string> bindings) {
  std::string text;
  const auto append = [&text](std::vector<std::string>& names) {
    std::ranges::sort(names);  // by bytes: the "i;octet" collation
    for (std::size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : "\x1E") + names[i];
  };
  append(mechanisms);
  if (!bindings.empty()) text += '\x1F';
  append(bindings);
  return base64_encode(digest(hash, text));
}

ScramServer::ScramServer(ScramHash hash, bool plus, ChannelBinding binding)
    : hash_(hash), plus_(plus), binding_(std::move(binding)) {}

std::variant<ScramServer::First, SaslCondition> ScramServer::first(std::string_view client_first) {
  IRIS_CHECK(step_ == Step::first);
  step_ = Step::done;  // until it has gone well
  if (client_first.size() > kMessageBytesMax) return SaslCondition::malformed_request;

  // gs2-header = gs2-cbind-flag "," [ authzid ] ","   (RFC 5802 §7)
  std::string_view rest = client_first;
  const auto flag = rest.substr(0, rest.find(','));
  if (flag.size() == rest.size()) return SaslCondition::malformed_request;
  rest.remove_prefix(flag.size() + 1);
  if (flag == "n" || flag == "y") {
    if (plus_) return SaslCondition::malformed_request;  // -PLUS without binding
    // RFC 5802 §6: it could bind but did not see our -PLUS: someone took it from the list.
    if (flag == "y" && binding_.offered()) return SaslCondition::not_authorized;
  } else if (flag.starts_with("p=")) {
    if (!plus_) return SaslCondition::malformed_request;
    binding_type_ = flag.substr(2);
    if (!binding_bytes()) return SaslCondition::not_authorized;
  } else {
    return SaslCondition::malformed_request;
  }
  First names;
  const auto comma = rest.find(',');
  if (comma == std::string_view::npos) return SaslCondition::malformed_request;
  if (auto authzid = rest.substr(0, comma); !authzid.empty()) {
    if (!authzid.starts_with("a=")) return SaslCondition::malformed_request;
    const auto decoded = decode_name(authzid.substr(2));
    if (!decoded || decoded->empty()) return SaslCondition::malformed_request;
    names.authzid = *decoded;
  }
  rest.remove_prefix(comma + 1);
  gs2_header_ = client_first.substr(0, client_first.size() - rest.size());
  client_first_bare_ = rest;

  // An attribute "m" in front would be a mandatory extension, of which we know none; so the name has to come first.
  const auto name = take(rest, 'n');
  const auto nonce = take(rest, 'r');
  if (!name || !nonce || !is_nonce(*nonce)) return SaslCondition::malformed_request;
  const auto decoded = decode_name(*name);
  if (!decoded || decoded->empty()) return SaslCondition::malformed_request;
  names.username = *decoded;
  client_nonce_ = *nonce;
  step_ = Step::challenge;
  return names;
}

std::string ScramServer::challenge(ScramKeys keys, std::string_view nonce, std::string_view offered) {
  IRIS_CHECK(step_ == Step::challenge && is_nonce(nonce));
  step_ = Step::final;
  keys_ = std::move(keys);
  client_nonce_ += nonce;
  server_first_ = "r=" + client_nonce_ + ",s=" + base64_encode(keys_.salt) + ",i=" + std::to_string(keys_.iterations);
  if (!offered.empty()) server_first_.append(",h=").append(offered);  // RFC 5802 §5.1: an optional extension
  return server_first_;
}

std::variant<ScramServer::Success, SaslCondition> ScramServer::final(std::string_view client_final) {
  IRIS_CHECK(step_ == Step::final);
  step_ = Step::done;
  if (client_final.size() > kMessageBytesMax) return SaslCondition::malformed_request;
  const auto proof_at = client_final.rfind(",p=");
  if (proof_at == std::string_view::npos) return SaslCondition::malformed_request;
  const auto without_proof = client_final.substr(0, proof_at);
  std::string_view rest = client_final;
  const auto binding = take(rest, 'c');
  const auto nonce = take(rest, 'r');
  const auto proof = base64_decode(client_final.substr(proof_at + 3));
  if (!binding || !nonce || !proof || proof->size() != size_of(hash_)) return SaslCondition::malformed_request;
  // RFC 5802 §5.1: the header and the binding data again, so that nobody has changed them on the way
  const auto bound = base64_decode(*binding);
  if (!bound) return SaslCondition::malformed_request;
  if (!same_secret(*bound, gs2_header_ + binding_bytes().value_or(""))) return SaslCondition::not_authorized;
  if (!same_secret(*nonce, client_nonce_)) return SaslCondition::not_authorized;

  const std::string auth_message = client_first_bare_ + "," + server_first_ + "," + std::string(without_proof);
  const std::string client_key = exclusive_or(hmac(hash_, keys_.stored_key, auth_message), *proof);
  if (!same_secret(digest(hash_, client_key), keys_.stored_key)) return SaslCondition::not_authorized;
  return Success{"v=" + base64_encode(hmac(hash_, keys_.server_key, auth_message))};
}

std::optional<std::string> ScramServer::binding_bytes() const {
  const std::string* offered = nullptr;
  if (binding_type_ == "tls-exporter") offered = &binding_.tls_exporter;
  if (binding_type_ == "tls-server-end-point") offered = &binding_.tls_server_end_point;
  if (offered == nullptr || offered->empty()) return std::nullopt;
  return *offered;
}

}  // namespace iris::xmpp
