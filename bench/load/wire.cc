#include "load/wire.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace iris::load {
namespace {

constexpr std::size_t kReadBytes = 256U << 10U;
constexpr int kReadsPerTurn = 4;  // then others have their turn

std::string what_failed(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace

void Wire::connect(const Target& target, std::uint32_t number) {
  IRIS_CHECK(state_ == State::closed);
  ++life_;
  tls_resumed_ = false;
  out_.clear();
  fd_ = socket(target.endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return fail_later(what_failed("socket"));
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (target.endpoint.loopback_v4()) {
    // The port is chosen at connect(), when the kernel knows that another address may use the same.
    setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    const sockaddr_storage source = source_address(number, target.connections_per_source);
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&source), sizeof(sockaddr_in)) != 0)
      return fail_later(what_failed("bind"));
  }
  const auto* address = reinterpret_cast<const sockaddr*>(&target.endpoint.address);
  if (::connect(fd_, address, target.endpoint.size) != 0 && errno != EINPROGRESS)
    return fail_later(what_failed("connect"));
  state_ = State::connecting;
  wants_write_ = true;
  loop_.add(fd_, *this, true);
}

void Wire::secure(const ClientTls& tls, bool resume, const std::string& alpn) {
  IRIS_CHECK(state_ == State::open && ssl_ == nullptr);
  if (next_session_) session_ = std::move(next_session_);
  ssl_ = tls.make(fd_, session_, resume ? &next_session_ : nullptr, alpn);
  state_ = State::handshaking;
  shake_hands();
}

void Wire::send(std::string_view bytes) {
  if (state_ == State::closed) return;
  out_.append(bytes);
  if (dirty_ || wants_write_) return;
  dirty_ = true;
  loop_.flush_later(*this);
}

void Wire::close() {
  if (state_ == State::open) {
    if (!out_.empty()) write_some(out_.data(), out_.size());
    if (ssl_ != nullptr) SSL_shutdown(ssl_);
  }
  drop();
}

void Wire::cut() {
  if (fd_ >= 0) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  drop();
}

void Wire::on_event(bool readable, bool writable) {
  switch (state_) {
    case State::closed: return;
    case State::connecting: return writable || readable ? finish_connect() : void();
    case State::handshaking: return shake_hands();
    case State::open: break;
  }
  if (writable) flush();
  if (readable && state_ == State::open) read();
}

void Wire::finish_connect() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    errno = error;
    return fail(what_failed("connect"));
  }
  state_ = State::open;
  want_write(false);
  user_.on_connected();
}

void Wire::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) {
    state_ = State::open;
    tls_resumed_ = SSL_session_reused(ssl_) == 1;
    tls_cipher_ = std::string(SSL_get_version(ssl_)) + " " + SSL_get_cipher_name(ssl_);
    want_write(false);
    user_.on_secured();
    // What the server sent with its last flight is inside OpenSSL already: no event tells of it.
    if (state_ == State::open && ssl_ != nullptr && SSL_has_pending(ssl_) == 1) read();
    return;
  }
  const int error = SSL_get_error(ssl_, result);
  if (error == SSL_ERROR_WANT_READ) return want_write(false);
  if (error == SSL_ERROR_WANT_WRITE) return want_write(true);
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_error(), text.data(), text.size());
  fail("TLS handshake: " + std::string(ERR_peek_error() == 0 ? "connection closed" : text.data()));
}

int Wire::read_some(char* out, int size) {
  if (ssl_ == nullptr) {
    const ssize_t got = recv(fd_, out, static_cast<std::size_t>(size), 0);
    if (got > 0) return static_cast<int>(got);
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
  }
  // A record is 16 KiB at most: gather several, so that a pile of them is one call of the user.
  int total = 0;
  while (size - total >= 16 << 10) {
    ERR_clear_error();
    const int got = SSL_read(ssl_, out + total, size - total);
    if (got <= 0) {
      const int error = SSL_get_error(ssl_, got);
      const bool later = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
      return total > 0 || later ? total : -1;
    }
    total += got;
    if (SSL_has_pending(ssl_) == 0) break;
  }
  return total;
}

void Wire::read() {
  // One for all of a thread: what is not whole is kept by its scanner.
  thread_local std::array<char, kReadBytes> buffer;
  const std::uint32_t life = life_;
  for (int i = 0; i < kReadsPerTurn || (ssl_ != nullptr && SSL_has_pending(ssl_) == 1); ++i) {
    const int got = read_some(buffer.data(), static_cast<int>(buffer.size()));
    if (got < 0) return fail("connection closed");
    if (got == 0) return;
    user_.on_bytes({buffer.data(), static_cast<std::size_t>(got)});
    if (life != life_ || state_ != State::open) return;
    if (ssl_ == nullptr ? got < static_cast<int>(buffer.size()) : SSL_has_pending(ssl_) == 0) return;
  }
}

int Wire::write_some(const char* bytes, std::size_t size) {
  if (ssl_ == nullptr) {
    const ssize_t put = ::send(fd_, bytes, size, MSG_NOSIGNAL);
    if (put >= 0) return static_cast<int>(put);
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
  }
  ERR_clear_error();
  const int put = SSL_write(ssl_, bytes, static_cast<int>(size));
  if (put > 0) return put;
  const int error = SSL_get_error(ssl_, put);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

void Wire::flush() {
  dirty_ = false;
  if (state_ != State::open) return;  // it is written once it is open
  std::size_t written = 0;
  while (written < out_.size()) {
    const int put = write_some(out_.data() + written, out_.size() - written);
    if (put < 0) return fail("connection closed while writing");
    if (put == 0) break;
    written += static_cast<std::size_t>(put);
  }
  out_.erase(0, written);
  if (out_.empty() && out_.capacity() > (64U << 10U)) out_ = {};
  want_write(!out_.empty());
}

void Wire::want_write(bool wanted) {
  if (wants_write_ == wanted) return;
  wants_write_ = wanted;
  loop_.change(fd_, *this, wanted);
}

void Wire::fail(std::string_view why) {
  drop();
  user_.on_wire_down(why);
}

void Wire::fail_later(std::string why) {
  drop();
  loop_.after(0, [this, life = life_, why = std::move(why)] {
    if (life == life_) user_.on_wire_down(why);
  });
}

void Wire::drop() {
  if (ssl_ != nullptr) {
    // Without this OpenSSL marks the session as one that may not be resumed.
    SSL_set_quiet_shutdown(ssl_, 1);
    SSL_shutdown(ssl_);
    SSL_free(ssl_);
    ssl_ = nullptr;
  }
  if (fd_ >= 0) {
    loop_.remove(fd_);
    ::close(fd_);
    fd_ = -1;
  }
  state_ = State::closed;
  wants_write_ = false;
  out_ = {};
}

}  // namespace iris::load
