#include "io/fd_watch.h"

#include <sys/epoll.h>

#include <utility>

#include "base/check.h"
#include "io/epoll_loop.h"

namespace iris::io {

FdWatch::~FdWatch() {
  ask(0);
  loop_.forget(*this);
}

void FdWatch::when_readable(Callback<void()> call) {
  IRIS_CHECK(!readable_);
  readable_ = std::move(call);
  ask(asked_ | EPOLLIN);
}

void FdWatch::when_writable(Callback<void()> call) {
  IRIS_CHECK(!writable_);
  writable_ = std::move(call);
  ask(asked_ | EPOLLOUT);
}

// Fails only when the kernel is out of memory, or of watches (fs.epoll.max_user_watches: millions).
void FdWatch::ask(std::uint32_t events) {
  if (events == asked_) return;
  const int change = asked_ == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  epoll_event event{};
  event.events = events;
  event.data.ptr = this;
  IRIS_CHECK(epoll_ctl(loop_.epoll(), change, fd_, &event) == 0);
  asked_ = events;
}

// One call at most, for it may end this watch; of what else is ready the kernel tells again. A peer that is gone is
// told of even to who asked for nothing.
void FdWatch::told(std::uint32_t events) {
  constexpr std::uint32_t kGone = EPOLLERR | EPOLLHUP;
  Callback<void()>* due = nullptr;
  if (writable_ && (events & (EPOLLOUT | kGone)) != 0) {
    due = &writable_;
  } else if (readable_ && (events & (EPOLLIN | kGone)) != 0) {
    due = &readable_;
  }
  if (due == nullptr) return ask((readable_ ? EPOLLIN : 0u) | (writable_ ? EPOLLOUT : 0u));
  auto call = std::exchange(*due, nullptr);
  call();
}

}  // namespace iris::io
