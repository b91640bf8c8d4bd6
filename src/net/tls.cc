#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace iris::net {
namespace {

using base::Errc;
using base::Error;

constexpr off_t kPemBytesMax = 1 << 20;  // a chain of a dozen certificates takes a fiftieth of it

// Takes the oldest error of this thread's queue as text, and empties the queue.
std::string openssl_error() {
  char text[256] = "no detail";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                unsigned int offered_size, void* options) {
  for (const std::string& ours : static_cast<const TlsOptions*>(options)->alpn) {
    for (unsigned int at = 0; at < offered_size; at += 1u + offered[at]) {
      const unsigned char* const name = offered + at + 1;
      if (offered[at] != ours.size() || std::memcmp(name, ours.data(), ours.size()) != 0) continue;
      *out = name;
      *out_size = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;  // no_application_protocol, RFC 7301 §3.2
}

// OpenSSL reads whatever has the name; /dev/zero for ever.
base::Status check_file(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0)
    return Error{Errc::invalid, "cannot read " + path + ": " + std::strerror(errno)};
  if (!S_ISREG(facts.st_mode)) return Error{Errc::invalid, path + " is no regular file"};
  if (facts.st_size > kPemBytesMax)
    return Error{Errc::invalid, path + " has more than " + std::to_string(kPemBytesMax) + " bytes"};
  return base::ok();
}

int no_passphrase(char*, int, int, void*) { return 0; }  // never ask on the terminal

// `options.alpn` is pointed to by what is made; the paths are not.
base::Result<std::shared_ptr<SSL_CTX>> load(const TlsOptions& options, const std::string& certificate_path,
                                            const std::string& key_path) {
  for (const auto& path : {certificate_path, key_path})
    if (auto good = check_file(path); !good) return good.error();
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return Error{Errc::unavailable, "cannot make a TLS context: " + openssl_error()};
  SSL_CTX* const ctx = context.get();
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_read_ahead(ctx, 1);  // one call of the system for a record, not one for its head and one for the rest
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // TLS 1.2: forward secrecy and AEAD only; TLS 1.3 has nothing else.
  if (SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    return Error{Errc::unavailable, "no TLS cipher suites: " + openssl_error()};
  }
  // SHA-256 before SHA-384: a handshake hashes some forty times, and processors have instructions for the former.
  if (SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") !=
      1) {
    return Error{Errc::unavailable, "no TLS cipher suites: " + openssl_error()};
  }
  // Resumption by tickets only: a cache of sessions would hold memory for each client.
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(ctx, 1);
  SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
  if (SSL_CTX_use_certificate_chain_file(ctx, certificate_path.c_str()) != 1) {
    return Error{Errc::invalid, "cannot read a certificate from " + certificate_path + ": " + openssl_error()};
  }
  // A key of another kind than the certificate's is taken in silence; only the check sees it.
  if (SSL_CTX_use_PrivateKey_file(ctx, key_path.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(ctx) != 1) {
    return Error{Errc::invalid, "cannot read a key from " + key_path + ", or it is not that of " + certificate_path +
                                    ": " + openssl_error()};
  }
  if (!options.alpn.empty()) SSL_CTX_set_alpn_select_cb(ctx, select_alpn, const_cast<TlsOptions*>(&options));
  return context;
}

}  // namespace

TlsContext::TlsContext(TlsOptions options) : options_(std::move(options)) {}
TlsContext::~TlsContext() = default;

base::Result<std::shared_ptr<TlsContext>> TlsContext::make(TlsOptions options) {
  std::shared_ptr<TlsContext> context(new TlsContext(std::move(options)));
  if (base::Status loaded = context->reload(); !loaded) return loaded.error();
  return context;
}

base::Status TlsContext::reload() {
  std::unique_lock lock(mutex_);
  const std::string certificate = options_.certificate_path, key = options_.key_path;
  lock.unlock();
  return reload(certificate, key);
}

base::Status TlsContext::reload(const std::string& certificate_path, const std::string& key_path) {
  auto fresh = load(options_, certificate_path, key_path);
  if (!fresh) return fresh.error();
  std::lock_guard lock(mutex_);
  options_.certificate_path = certificate_path;
  options_.key_path = key_path;
  context_ = std::move(*fresh);
  return base::ok();
}

base::WallTime TlsContext::not_after() const {
  std::lock_guard lock(mutex_);
  std::tm ends{};
  const X509* const leaf = SSL_CTX_get0_certificate(context_.get());
  if (leaf == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &ends) != 1) return {};
  return base::WallTime(std::chrono::seconds(::timegm(&ends)));
}

ssl_st* TlsContext::new_session() const {
  std::lock_guard lock(mutex_);
  SSL* const ssl = SSL_new(context_.get());
  if (ssl == nullptr) ERR_clear_error();
  return ssl;
}

}  // namespace iris::net
