#include "io/thread.h"

#include <pthread.h>

namespace iris::io {

Thread::Thread(std::string name, base::Callback<void()> body)
    : thread_([name = name.substr(0, 15), run = std::move(body)]() mutable {
        pthread_setname_np(pthread_self(), name.c_str());
        run();
      }) {}

Thread::~Thread() { join(); }

void Thread::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace iris::io
