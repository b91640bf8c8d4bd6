// One connection's TLS on a non-blocking socket: OpenSSL, wrapped. For net/ itself.
#pragma once
#include <memory>
#include <string>

#include "net/tls.h"
#include "net/transfer.h"

namespace iris::net {

// Lives with its connection, on whichever loop that is; the socket must outlive it.
class TlsSession {
 public:
  // Null when memory is short.
  static std::unique_ptr<TlsSession> make(std::shared_ptr<TlsContext> context, int fd);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // The server's side; done when agreed.
  Transfer handshake();
  Transfer read(char* out, std::size_t size);
  // More has been taken from the socket than read() has given out. Without that, the socket's readiness tells of more.
  bool has_pending() const;
  // After want_*, the next call must offer the same bytes, or these and more.
  Transfer write(const char* bytes, std::size_t size);
  // Says goodbye (close_notify), as far as the socket takes it at once.
  void say_goodbye();

  TlsInfo info() const;
  std::string channel_binding(ChannelBinding type) const;

 private:
  TlsSession(std::shared_ptr<TlsContext> context, ssl_st* ssl) : context_(std::move(context)), ssl_(ssl) {}
  Transfer outcome(int result);
  std::shared_ptr<TlsContext> context_;  // its ALPN list is used by the handshake
  ssl_st* ssl_;
  bool broken_ = false;  // after a fatal error nothing may be sent, not even a goodbye
};

}  // namespace iris::net
