// Readiness of a file descriptor, as calls on an EpollLoop.
#pragma once
#include <cstdint>

#include "io/loop.h"

namespace iris::io {

class EpollLoop;

// Watches one descriptor, which it does not own: destroy the watch first, close the descriptor then. Lives on its loop,
// which must outlive it. When it is destroyed, also by a call of its own, nothing more is called, not even what was
// due; the descriptor may then be watched by another loop. The descriptor must be one that epoll takes: no plain file.
//
// Readiness is a level, and the kernel is asked once: a reader that waits again after each read costs no system call
// more. What nobody waits for any longer is taken back from the kernel when it tells of it.
class FdWatch {
 public:
  FdWatch(EpollLoop& loop, int fd) : loop_(loop), fd_(fd) {}
  ~FdWatch();
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  // Calls once when a read (or accept) would not block, or the peer is gone. One wait at a time of each kind.
  void when_readable(Callback<void()> call);
  // Calls once when a write would not block, or the peer is gone.
  void when_writable(Callback<void()> call);

 private:
  friend class EpollLoop;
  void told(std::uint32_t events);
  void ask(std::uint32_t events);

  EpollLoop& loop_;
  const int fd_;
  std::uint32_t asked_ = 0;  // what the kernel tells of; 0: it does not know the descriptor
  Callback<void()> readable_;
  Callback<void()> writable_;
};

}  // namespace iris::io
