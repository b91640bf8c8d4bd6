// The outcome of one non-blocking read or write. For net/ itself.
#pragma once
#include <cstddef>

namespace iris::net {

struct Transfer {
  enum class Kind { done, want_read, want_write, ended, failed } kind{};
  std::size_t bytes{};  // done: how many, at least 1
};

// On a bare socket; ended: the peer has closed its side.
Transfer receive_plain(int fd, char* out, std::size_t size) noexcept;
Transfer send_plain(int fd, const char* bytes, std::size_t size) noexcept;

}  // namespace iris::net
