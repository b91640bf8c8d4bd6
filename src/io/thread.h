// A named thread. Nothing outside io/ starts one.
#pragma once
#include <string>
#include <thread>

#include "base/callback.h"

namespace iris::io {

// Joins on destruction: whoever owns it makes the body end first. `body` must not throw.
class Thread {
 public:
  // The name is cut to 15 characters, as the kernel keeps it.
  Thread(std::string name, base::Callback<void()> body);
  ~Thread();
  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&&) = delete;

  void join();

 private:
  std::thread thread_;
};

}  // namespace iris::io
