// The generator's event loop: epoll and timers on one thread, and nothing between them and the sockets. What becomes
// ready in one turn is handled first and written afterwards, so that a turn costs one system call per connection.
#pragma once
#include <functional>
#include <queue>
#include <vector>

#include "load/clock.h"

namespace iris::load {

// An event of a socket that it closed a moment ago may still reach it: it must not end inside a call from the loop.
class Watcher {
 public:
  virtual void on_event(bool readable, bool writable) = 0;
  // At the end of a turn in which it asked for it (Loop::flush_later).
  virtual void flush() = 0;

 protected:
  ~Watcher() = default;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void add(int fd, Watcher& watcher, bool writable);
  void change(int fd, Watcher& watcher, bool writable);
  void remove(int fd);
  void flush_later(Watcher& watcher) { dirty_.push_back(&watcher); }
  void forget(const Watcher& watcher);  // that ends

  void at(Nanos when, std::function<void()> call);
  void after(Nanos delay, std::function<void()> call) { at(now() + delay, std::move(call)); }

  // Turns until `done` holds (true), or the deadline has come or a signal asked to stop (false).
  bool run_until(const std::function<bool()>& done, Nanos deadline);
  void run_for(Nanos time);
  // SIGINT and SIGTERM end run_until() from now on.
  static void stop_on_signals();
  static bool stopped();

 private:
  struct Timer {
    Nanos when;
    std::uint64_t number;  // those of one moment run in the order in which they were set
    std::function<void()> call;
    bool operator<(const Timer& other) const { return when != other.when ? when > other.when : number > other.number; }
  };
  void run_timers();
  void flush_dirty();
  void wait(Nanos time_max);

  int epoll_;
  std::uint64_t timers_set_ = 0;
  std::priority_queue<Timer> timers_;
  std::vector<Watcher*> dirty_, flushing_;
};

}  // namespace iris::load
