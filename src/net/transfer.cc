#include "net/transfer.h"

#include <sys/socket.h>

#include <cerrno>

namespace iris::net {
namespace {

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

Transfer receive_plain(int fd, char* out, std::size_t size) noexcept {
  ssize_t n;
  do { n = ::recv(fd, out, size, 0); } while (n < 0 && errno == EINTR);
  if (n > 0) return {Transfer::Kind::done, static_cast<std::size_t>(n)};
  if (n == 0) return {Transfer::Kind::ended};
  return {would_block() ? Transfer::Kind::want_read : Transfer::Kind::failed};
}

Transfer send_plain(int fd, const char* bytes, std::size_t size) noexcept {
  ssize_t n;
  do { n = ::send(fd, bytes, size, MSG_NOSIGNAL); } while (n < 0 && errno == EINTR);
  if (n >= 0) return {Transfer::Kind::done, static_cast<std::size_t>(n)};
  return {would_block() ? Transfer::Kind::want_write : Transfer::Kind::failed};
}

}  // namespace iris::net
