#include "load/loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "base/check.h"

namespace iris::load {
namespace {

constexpr int kEventsMax = 512;
constexpr Nanos kWaitMax = 200 * kMillisecond;  // so that a condition that no event changes is looked at too

volatile std::sig_atomic_t stop_asked = 0;

epoll_event event_of(Watcher& watcher, bool writable) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | (writable ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  event.data.ptr = &watcher;
  return event;
}

}  // namespace

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) { IRIS_CHECK(epoll_ >= 0); }
Loop::~Loop() { close(epoll_); }

void Loop::add(int fd, Watcher& watcher, bool writable) {
  epoll_event event = event_of(watcher, writable);
  IRIS_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0);
}

void Loop::change(int fd, Watcher& watcher, bool writable) {
  epoll_event event = event_of(watcher, writable);
  IRIS_CHECK(epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) == 0);
}

void Loop::remove(int fd) { epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr); }

void Loop::forget(const Watcher& watcher) {
  for (std::vector<Watcher*>* list : {&dirty_, &flushing_}) {
    for (Watcher*& entry : *list) {
      if (entry == &watcher) entry = nullptr;
    }
  }
}

void Loop::at(Nanos when, std::function<void()> call) { timers_.push({when, timers_set_++, std::move(call)}); }

void Loop::run_timers() {
  const Nanos time = now();
  while (!timers_.empty() && timers_.top().when <= time) {
    const auto call = timers_.top().call;
    timers_.pop();
    call();
  }
}

void Loop::flush_dirty() {
  // What is flushed may make others dirty (a socket that breaks): they come in the next round.
  while (!dirty_.empty()) {
    flushing_.swap(dirty_);
    for (Watcher* watcher : flushing_) {
      if (watcher != nullptr) watcher->flush();
    }
    flushing_.clear();
  }
}

void Loop::wait(Nanos time_max) {
  std::array<epoll_event, kEventsMax> events{};
  const timespec timeout{.tv_sec = time_max / kSecond, .tv_nsec = time_max % kSecond};
  const int count = epoll_pwait2(epoll_, events.data(), kEventsMax, &timeout, nullptr);
  IRIS_CHECK(count >= 0 || errno == EINTR);
  for (int i = 0; i < count; ++i) {
    const std::uint32_t what = events.at(static_cast<std::size_t>(i)).events;
    const bool ended = (what & (EPOLLERR | EPOLLHUP)) != 0;  // found out by reading
    static_cast<Watcher*>(events.at(static_cast<std::size_t>(i)).data.ptr)
        ->on_event(ended || (what & (EPOLLIN | EPOLLRDHUP)) != 0, (what & EPOLLOUT) != 0);
  }
}

bool Loop::run_until(const std::function<bool()>& done, Nanos deadline) {
  while (true) {
    run_timers();
    flush_dirty();
    if (done()) return true;
    const Nanos time = now();
    if (time >= deadline || stopped()) return false;
    Nanos until = std::min(deadline, time + kWaitMax);
    if (!timers_.empty()) until = std::min(until, timers_.top().when);
    wait(std::max<Nanos>(until - time, 0));
  }
}

void Loop::run_for(Nanos time) {
  run_until([] { return false; }, now() + time);
}

void Loop::stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_asked = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

bool Loop::stopped() { return stop_asked != 0; }

}  // namespace iris::load
