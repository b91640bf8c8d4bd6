// The client's side of TLS. Certificates are not checked: those of a benchmark are self-signed.
#pragma once
#include <memory>
#include <string>

#include "load/clock.h"

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace iris::load {

struct TlsSessionFree {
  void operator()(ssl_session_st* session) const;
};
using TlsSessionPtr = std::unique_ptr<ssl_session_st, TlsSessionFree>;

// Shared by all connections.
class ClientTls {
 public:
  explicit ClientTls(std::string server_name);
  ~ClientTls();
  ClientTls(const ClientTls&) = delete;
  ClientTls& operator=(const ClientTls&) = delete;

  // A new handshake on this socket, resuming `session` if it is not null. `slot` gets what resumes this one later;
  // null: nothing is kept. The slot must outlive the handshake's object, which SSL_free frees.
  ssl_st* make(int fd, const TlsSessionPtr& session, TlsSessionPtr* slot, const std::string& alpn) const;

 private:
  std::string server_name_;
  ssl_ctx_st* context_;
};

}  // namespace iris::load
