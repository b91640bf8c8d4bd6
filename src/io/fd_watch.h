// Readiness of a file descriptor, as calls on an AsioLoop: all that net/ needs of asio.
#pragma once
#include <memory>

#include "io/loop.h"

namespace iris::io {

// Watches one descriptor, which it does not own: destroy the watch first, close the descriptor then. Lives on its loop.
// When it is destroyed, calls that were due are forgotten, even those already on their way; the descriptor may then be
// watched by another loop.
class FdWatch {
 public:
  // `loop` must be an AsioLoop.
  FdWatch(Loop& loop, int fd);
  ~FdWatch();
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  // Calls once when a read (or accept) would not block, or the peer is gone. One wait at a time of each kind.
  void when_readable(Callback<void()> call);
  // Calls once when a write would not block, or the peer is gone.
  void when_writable(Callback<void()> call);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace iris::io
