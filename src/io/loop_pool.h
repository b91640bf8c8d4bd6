// N event loops, a thread for each.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "io/epoll_loop.h"
#include "io/thread.h"

namespace iris::io {

// Owned by app/ or a test. The loops exist from construction, so that what lives on them can be built before start().
class LoopPool {
 public:
  // Loops are named `<name>-0`, `<name>-1`, …; at least one.
  explicit LoopPool(std::size_t count, std::string name = "loop");
  ~LoopPool();  // stops if need be

  void start();
  // Stops the loops and joins their threads; what is pending is dropped later, by the destructor. Not from a loop.
  void stop();

  std::size_t size() const { return loops_.size(); }
  EpollLoop& at(std::size_t index) { return *loops_.at(index); }
  std::vector<Loop*> all();

 private:
  std::vector<std::unique_ptr<EpollLoop>> loops_;
  std::vector<Thread> threads_;
};

}  // namespace iris::io
