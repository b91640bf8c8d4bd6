#include "io/loop_pool.h"

#include "base/check.h"

namespace iris::io {

LoopPool::LoopPool(std::size_t count, std::string name) {
  IRIS_CHECK(count > 0);
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(std::make_unique<EpollLoop>(name + '-' + std::to_string(i)));
  }
}

LoopPool::~LoopPool() { stop(); }

void LoopPool::start() {
  IRIS_CHECK(threads_.empty());
  for (auto& loop : loops_) threads_.emplace_back(loop->name(), [&loop = *loop] { loop.run(); });
}

void LoopPool::stop() {
  for (auto& loop : loops_) loop->stop();
  threads_.clear();
}

std::vector<Loop*> LoopPool::all() {
  std::vector<Loop*> all;
  for (auto& loop : loops_) all.push_back(loop.get());
  return all;
}

}  // namespace iris::io
