#include "io/epoll_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <limits>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/metrics.h"
#include "io/fd_watch.h"
#include "io/system_clock.h"
#include "io/system_random.h"

namespace iris::io {
namespace {

base::Counter kBusy{"iris_loop_busy_seconds_total",
                    "CPU time of each event loop's thread; its rate is the share of a core in use.",
                    {base::dynamic_label("loop", 64)},
                    base::MetricUnit::microseconds};
base::Histogram kLag{"iris_loop_lag_seconds",
                     "How late a timer of an event loop ran: time that one call held up others.",
                     {base::dynamic_label("loop", 64)}};

constexpr std::size_t kEventsPerTurn = 256;
constexpr std::size_t kIdleCallsKept = 4096;  // room for calls that a loop keeps after a rush
constexpr Duration kSamplePeriod = std::chrono::milliseconds{250};

Duration thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec / 1000);
}

}  // namespace

struct EpollLoop::State {
  explicit State(std::string loop_name)
      : name(std::move(loop_name)), epoll(epoll_create1(EPOLL_CLOEXEC)), wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    IRIS_CHECK(epoll >= 0 && wake >= 0);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;  // each write is an edge; nobody need read the count
    IRIS_CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event) == 0);
  }
  ~State() {
    ::close(wake);
    ::close(epoll);
  }

  // --- calls ---

  void post(Callback<void()> call) {
    if (ending) return;
    if (thread.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
      calls.push_back(std::move(call));
      return;
    }
    bool asleep;
    {
      std::lock_guard lock(mutex);
      from_others.push_back(std::move(call));
      asleep = std::exchange(sleeping, false);
    }
    if (asleep) ring();
  }

  void ring() {
    const std::uint64_t one = 1;
    // Full is rung already, and nothing else can go wrong.
    IRIS_CHECK(write(wake, &one, sizeof one) == sizeof one || errno == EAGAIN);
  }

  void stop() {
    std::lock_guard lock(mutex);
    stopped.store(true, std::memory_order_relaxed);
    if (std::exchange(sleeping, false)) ring();
  }

  // Only those that are there at the beginning, so that calls which post calls cannot hold the loop.
  void run_calls() {
    {
      std::lock_guard lock(mutex);
      std::ranges::move(from_others, std::back_inserter(calls));
      drop_all_of(from_others);
    }
    running.swap(calls);
    for (Callback<void()>& waiting : running) {
      Callback<void()> call = std::move(waiting);  // ends when it has run
      call();
      if (is_stopped()) return;
    }
    drop_all_of(running);
  }

  static void drop_all_of(std::vector<Callback<void()>>& emptied) {
    emptied.clear();
    if (emptied.capacity() > kIdleCallsKept) emptied.shrink_to_fit();
  }

  // --- timers ---
  using Key = std::pair<SteadyTime, std::uint64_t>;

  TimerId add_timer(SteadyTime at, Callback<void()> call) {
    if (ending) return {};
    const std::uint64_t id = next_timer++;
    timer_times.emplace(id, at);
    timers.emplace(Key{at, id}, std::move(call));
    return {id};
  }

  void cancel_timer(TimerId id) {
    const auto found = timer_times.find(id.value);
    if (found == timer_times.end()) return;
    const auto timer_at = timers.find(Key{found->second, id.value});
    timer_times.erase(found);
    // The call's captures may end other timers when they end: take it out first.
    const Callback<void()> dropped = std::move(timer_at->second);
    timers.erase(timer_at);
  }

  void run_due() {
    if (timers.empty()) return;
    // Only those due at the beginning, so that a timer which sets a timer for at once cannot hold the loop.
    const SteadyTime now = system_clock().steady();
    const std::uint64_t newest = next_timer;
    while (!timers.empty() && timers.begin()->first.first <= now && timers.begin()->first.second < newest) {
      auto first = timers.begin();
      Callback<void()> call = std::move(first->second);
      timer_times.erase(first->first.second);
      timers.erase(first);
      call();
      if (is_stopped()) return;
    }
  }

  // Until the first timer, rounded up; -1: until something else happens.
  int milliseconds_to_sleep() const {
    if (timers.empty()) return -1;
    const auto span = timers.begin()->first.first - system_clock().steady();
    const auto up = std::chrono::ceil<std::chrono::milliseconds>(span).count();
    return static_cast<int>(std::clamp<std::int64_t>(up, 0, std::numeric_limits<int>::max()));
  }

  // --- descriptors ---

  void poll() {
    int timeout = calls.empty() ? milliseconds_to_sleep() : 0;
    if (timeout != 0) {
      std::lock_guard lock(mutex);
      sleeping = from_others.empty() && !is_stopped();
      if (!sleeping) timeout = 0;
    }
    const int told = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), timeout);
    IRIS_CHECK(told >= 0 || errno == EINTR);
    if (timeout != 0) {
      std::lock_guard lock(mutex);
      sleeping = false;
    }
    events_end = static_cast<std::size_t>(std::max(told, 0));
    for (event_at = 0; event_at < events_end && !is_stopped(); ++event_at) {
      if (void* const watch = events[event_at].data.ptr) static_cast<FdWatch*>(watch)->told(events[event_at].events);
    }
    events_end = 0;
  }

  void forget(const FdWatch& watch) {
    for (std::size_t i = event_at; i < events_end; ++i) {
      if (events[i].data.ptr == &watch) events[i].data.ptr = nullptr;
    }
  }

  void sample(SteadyTime due) {
    const Duration cpu = thread_cpu_time();
    kBusy.add((cpu - cpu_counted).count(), busy_label);
    cpu_counted = cpu;
    const SteadyTime now = system_clock().steady();
    kLag.observe(now - due, lag_label);
    add_timer(now + kSamplePeriod, [this, next = now + kSamplePeriod] { sample(next); });
  }

  bool is_stopped() const { return stopped.load(std::memory_order_relaxed); }

  const std::string name;
  const int epoll;
  const int wake;
  std::atomic<std::thread::id> thread{};
  std::atomic<bool> stopped = false;
  bool ending = false;

  std::mutex mutex;                           // for the next two
  std::vector<Callback<void()>> from_others;  // posted by other threads, or before run()
  bool sleeping = false;                      // in the kernel, or about to be: who posts must ring

  std::vector<Callback<void()>> calls, running;
  std::map<Key, Callback<void()>> timers;
  std::unordered_map<std::uint64_t, SteadyTime> timer_times;
  std::uint64_t next_timer = 1;
  std::array<epoll_event, kEventsPerTurn> events;
  std::size_t event_at = 0, events_end = 0;

  Duration cpu_counted{0};
  std::size_t busy_label = kBusy.label_value(0, name);
  std::size_t lag_label = kLag.label_value(0, name);
};

EpollLoop::EpollLoop(std::string name) : state_(std::make_unique<State>(std::move(name))) {
  // OpenSSL writes with write(), which raises it when the peer has gone; we look at the error code.
  std::signal(SIGPIPE, SIG_IGN);
}

EpollLoop::~EpollLoop() {
  // Ended by hand, in this order: what calls hold may still cancel timers, leave, or post.
  state_->ending = true;
  end_residents();
  while (!state_->timers.empty()) state_->cancel_timer({state_->timers.begin()->first.second});
  for (auto* calls : {&state_->from_others, &state_->calls, &state_->running}) {
    for (Callback<void()>& call : *calls) call = nullptr;
  }
}

EpollLoop& EpollLoop::of(Loop& loop) {
  auto* const ours = dynamic_cast<EpollLoop*>(&loop);
  IRIS_CHECK(ours != nullptr);
  return *ours;
}

void EpollLoop::run() {
  State& state = *state_;
  state.thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
  state.cpu_counted = thread_cpu_time();
  const SteadyTime first = system_clock().steady() + kSamplePeriod;
  state.add_timer(first, [&state, first] { state.sample(first); });
  while (!state.is_stopped()) {
    state.run_calls();
    if (!state.is_stopped()) state.run_due();
    if (!state.is_stopped()) state.poll();
  }
  state.thread.store(std::thread::id{}, std::memory_order_relaxed);
}

void EpollLoop::stop() { state_->stop(); }

void EpollLoop::post(Callback<void()> call) { state_->post(std::move(call)); }

TimerId EpollLoop::after(Duration delay, Callback<void()> call) {
  return state_->add_timer(system_clock().steady() + delay, std::move(call));
}

void EpollLoop::cancel(TimerId timer) { state_->cancel_timer(timer); }

Clock& EpollLoop::clock() { return system_clock(); }

Random& EpollLoop::random() { return system_random(); }

bool EpollLoop::on_this_thread() const {
  return state_->thread.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

const std::string& EpollLoop::name() const { return state_->name; }

int EpollLoop::epoll() const { return state_->epoll; }

void EpollLoop::forget(const FdWatch& watch) { state_->forget(watch); }

}  // namespace iris::io
