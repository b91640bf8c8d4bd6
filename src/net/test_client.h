// For tests: a plain, blocking client on the test's own thread, with TLS if asked. Waits at most 20 seconds.
#pragma once
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

#include "net/socket_address.h"

namespace iris::net {

struct TestTls {
  int version_max = TLS1_3_VERSION;
  std::string alpn;                // one protocol
  SSL_SESSION* session = nullptr;  // to resume
};

class TestClient {
 public:
  explicit TestClient(const Address& server) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (server.port != 0) connect(server);
  }
  ~TestClient() { hang_up(); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool connect(const Address& server) {
    sockaddr_storage storage{};
    socklen_t size = 0;
    return to_sockaddr(server, storage, size) && ::connect(fd_, reinterpret_cast<sockaddr*>(&storage), size) == 0;
  }

  bool start_tls(const TestTls& options = {}) {
    context_.reset(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_max_proto_version(context_.get(), options.version_max);
    ssl_.reset(SSL_new(context_.get()), SSL_free);
    if (!options.alpn.empty()) {
      const std::string wire = static_cast<char>(options.alpn.size()) + options.alpn;
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(wire.data()),
                          static_cast<unsigned>(wire.size()));
    }
    if (options.session != nullptr) SSL_set_session(ssl_.get(), options.session);
    SSL_set_tlsext_host_name(ssl_.get(), "localhost");
    SSL_set_fd(ssl_.get(), fd_);
    return SSL_connect(ssl_.get()) == 1;
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const long n = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                          : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  // What is there, waiting for the first byte; empty at the end or after an error.
  std::string receive_some(std::size_t max = 1 << 16) {
    std::string bytes(max, '\0');
    const long n = ssl_ ? SSL_read(ssl_.get(), bytes.data(), static_cast<int>(max)) : ::recv(fd_, bytes.data(), max, 0);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }
  std::string receive(std::size_t size) {
    std::string all;
    while (all.size() < size) {
      const std::string some = receive_some(size - all.size());
      if (some.empty()) break;
      all += some;
    }
    return all;
  }
  std::string receive_until(std::string_view end) {
    std::string all;
    while (!all.ends_with(end)) {
      const std::string some = receive_some(1);
      if (some.empty()) break;
      all += some;
    }
    return all;
  }
  std::string receive_all() {
    std::string all;
    for (std::string some; !(some = receive_some()).empty();) all += some;
    return all;
  }

  void half_close() { ::shutdown(fd_, SHUT_WR); }
  void hang_up() {
    ssl_.reset();
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    hang_up();
  }
  SSL* ssl() { return ssl_.get(); }
  int fd() const { return fd_; }

 private:
  int fd_;
  std::shared_ptr<SSL_CTX> context_;
  std::shared_ptr<SSL> ssl_;
};

}  // namespace iris::net
