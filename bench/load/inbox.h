// What one recipient has got of one sender's numbered messages.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace iris::load {

enum class Arrival { in_order, doubled, overtaken };

class Inbox {
 public:
  Arrival take(std::uint32_t number) {
    if (number >= expected_) {
      for (; expected_ < number; ++expected_) missing_.push_back(expected_);
      ++expected_;
      ++count_;
      return Arrival::in_order;
    }
    const auto late = std::find(missing_.begin(), missing_.end(), number);
    if (late == missing_.end()) return Arrival::doubled;
    missing_.erase(late);
    ++count_;
    return Arrival::overtaken;
  }
  std::uint32_t count() const { return count_; }  // each once

 private:
  std::uint32_t expected_ = 0, count_ = 0;
  std::vector<std::uint32_t> missing_;
};

}  // namespace iris::load
