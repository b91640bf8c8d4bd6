#include "net/tls_session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <climits>

namespace iris::net {

std::unique_ptr<TlsSession> TlsSession::make(std::shared_ptr<TlsContext> context, int fd) {
  SSL* const ssl = context->new_session();
  if (ssl == nullptr) return nullptr;
  std::unique_ptr<TlsSession> session(new TlsSession(std::move(context), ssl));
  SSL_set_accept_state(ssl);
  if (SSL_set_fd(ssl, fd) != 1) return nullptr;
  return session;
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

Transfer TlsSession::outcome(int result) {
  if (result > 0) return {Transfer::Kind::done, static_cast<std::size_t>(result)};
  const int error = SSL_get_error(ssl_, result);
  switch (error) {
    case SSL_ERROR_WANT_READ: return {Transfer::Kind::want_read};
    case SSL_ERROR_WANT_WRITE: return {Transfer::Kind::want_write};
    case SSL_ERROR_ZERO_RETURN: return {Transfer::Kind::ended};
    default:
      ERR_clear_error();
      broken_ = true;
      return {Transfer::Kind::failed};
  }
}

Transfer TlsSession::handshake() {
  ERR_clear_error();
  return outcome(SSL_do_handshake(ssl_));
}

Transfer TlsSession::read(char* out, std::size_t size) {
  ERR_clear_error();
  return outcome(SSL_read(ssl_, out, static_cast<int>(std::min<std::size_t>(size, INT_MAX))));
}

Transfer TlsSession::write(const char* bytes, std::size_t size) {
  constexpr std::size_t kRecordBytes = 16 * 1024;
  ERR_clear_error();
  return outcome(SSL_write(ssl_, bytes, static_cast<int>(std::min(size, kRecordBytes))));
}

bool TlsSession::has_pending() const { return SSL_has_pending(ssl_) == 1; }

void TlsSession::say_goodbye() {
  if (broken_) return;
  ERR_clear_error();
  if (SSL_shutdown(ssl_) < 0) ERR_clear_error();  // best effort: the socket is closed next
}

TlsInfo TlsSession::info() const {
  TlsInfo info;
  info.version = SSL_get_version(ssl_);
  info.cipher = SSL_get_cipher_name(ssl_);
  const unsigned char* alpn = nullptr;
  unsigned int alpn_size = 0;
  SSL_get0_alpn_selected(ssl_, &alpn, &alpn_size);
  if (alpn_size > 0) info.alpn.assign(reinterpret_cast<const char*>(alpn), alpn_size);
  if (const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name)) info.sni = name;
  info.resumed = SSL_session_reused(ssl_) == 1;
  return info;
}

namespace {

// RFC 9266 §4.2: only where the master secret is bound to the whole handshake.
std::string exporter(SSL* ssl) {
  if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1) return {};
  constexpr char kLabel[] = "EXPORTER-Channel-Binding";
  std::string bytes(32, '\0');
  const unsigned char no_context = 0;
  if (SSL_export_keying_material(ssl, reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), kLabel,
                                 sizeof kLabel - 1, &no_context, 0, 1) != 1) {
    ERR_clear_error();
    return {};
  }
  return bytes;
}

// RFC 5929 §4.1: a hash of the certificate, by the hash of its signature, but at least SHA-256.
std::string server_end_point(SSL* ssl) {
  X509* const certificate = SSL_get_certificate(ssl);
  int hash_nid = NID_undef;
  if (certificate == nullptr || X509_get_signature_info(certificate, &hash_nid, nullptr, nullptr, nullptr) != 1 ||
      hash_nid == NID_undef) {
    ERR_clear_error();
    return {};  // e.g. Ed25519, for which the RFC defines none
  }
  const EVP_MD* const hash = hash_nid == NID_md5 || hash_nid == NID_sha1 ? EVP_sha256() : EVP_get_digestbynid(hash_nid);
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (hash == nullptr || X509_digest(certificate, hash, bytes, &size) != 1) return {};
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::string TlsSession::channel_binding(ChannelBinding type) const {
  return type == ChannelBinding::tls_exporter ? exporter(ssl_) : server_end_point(ssl_);
}

}  // namespace iris::net
