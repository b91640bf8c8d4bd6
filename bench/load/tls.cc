#include "load/tls.h"

#include <openssl/ssl.h>

#include "base/check.h"

namespace iris::load {

void TlsSessionFree::operator()(ssl_session_st* session) const { SSL_SESSION_free(session); }

namespace {

// OpenSSL hands over a reference with each new ticket.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* slot = static_cast<TlsSessionPtr*>(SSL_get_app_data(ssl));
  if (slot == nullptr) return 0;
  slot->reset(session);
  return 1;
}

}  // namespace

ClientTls::ClientTls(std::string server_name)
    : server_name_(std::move(server_name)), context_(SSL_CTX_new(TLS_client_method())) {
  IRIS_CHECK(context_ != nullptr);
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_read_ahead(context_, 1);
  SSL_CTX_set_mode(context_,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context_, keep_session);
}

ClientTls::~ClientTls() { SSL_CTX_free(context_); }

ssl_st* ClientTls::make(int fd, const TlsSessionPtr& session, TlsSessionPtr* slot, const std::string& alpn) const {
  SSL* ssl = SSL_new(context_);
  IRIS_CHECK(ssl != nullptr && SSL_set_fd(ssl, fd) == 1);
  SSL_set_tlsext_host_name(ssl, server_name_.c_str());
  if (!alpn.empty()) {
    const std::string list = static_cast<char>(alpn.size()) + alpn;
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(list.data()), static_cast<unsigned>(list.size()));
  }
  SSL_set_app_data(ssl, slot);
  if (session) SSL_set_session(ssl, session.get());
  SSL_set_connect_state(ssl);
  return ssl;
}

}  // namespace iris::load
