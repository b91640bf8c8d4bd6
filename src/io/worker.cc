#include "io/worker.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "base/check.h"
#include "io/thread.h"

namespace iris::io {

struct Worker::State {
  explicit State(WorkerOptions o) : options(std::move(o)) {}

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) return;  // stopping, and all is done
      base::Callback<void()> call = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      call();
      call = nullptr;  // what it captured ends outside the lock too
      lock.lock();
    }
  }

  const WorkerOptions options;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::deque<base::Callback<void()>> queue;
  bool stopping = false;
  std::vector<Thread> threads;
};

Worker::Worker(WorkerOptions options) : state_(std::make_unique<State>(std::move(options))) {
  IRIS_CHECK(state_->options.threads > 0 && state_->options.queue_max > 0);
  for (std::size_t i = 0; i < state_->options.threads; ++i) {
    state_->threads.emplace_back(state_->options.name, [state = state_.get()] { state->run(); });
  }
}

Worker::~Worker() { stop(); }

bool Worker::try_post(base::Callback<void()>&& call) {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->stopping || state_->queue.size() >= state_->options.queue_max) return false;
    state_->queue.push_back(std::move(call));
  }
  state_->wake.notify_one();
  return true;
}

std::size_t Worker::depth() const {
  std::lock_guard lock(state_->mutex);
  return state_->queue.size();
}

void Worker::stop() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  state_->threads.clear();
}

}  // namespace iris::io
