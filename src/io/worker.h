// Threads for calls that block: stores, fsync, key derivation. Loops never block; they hand the work over and are
// answered by a post().
#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "base/callback.h"

namespace iris::io {

struct WorkerOptions {
  std::string name = "worker";
  std::size_t threads = 1;        // 1 keeps the order of posting
  std::size_t queue_max = 16384;  // calls waiting; beyond it try_post refuses, so that memory stays bounded
};

// Any thread may post. Calls must not throw.
class Worker {
 public:
  explicit Worker(WorkerOptions options);
  ~Worker();  // as stop()

  // False, and `call` untouched, if the queue is full or the worker has been stopped.
  [[nodiscard]] bool try_post(base::Callback<void()>&& call);
  // Calls waiting, not counting those that run.
  std::size_t depth() const;
  // Runs what is queued, refuses what is new, joins. Not from a call of its own.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iris::io
