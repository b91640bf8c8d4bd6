#include "io/asio_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <csignal>
#include <ctime>
#include <map>
#include <thread>
#include <unordered_map>

#include "base/check.h"
#include "base/metrics.h"
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

constexpr Duration kSamplePeriod = std::chrono::milliseconds{250};

Duration thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec / 1000);
}

}  // namespace

struct AsioLoop::State {
  explicit State(std::string loop_name) : name(std::move(loop_name)), timer(context), work(context.get_executor()) {}

  // --- timers: an ordered queue of our own before a single timer of asio's; an idle timer costs about 150 bytes ---
  using Key = std::pair<SteadyTime, std::uint64_t>;

  TimerId add_timer(SteadyTime at, Callback<void()> call) {
    if (ending) return {};
    const std::uint64_t id = next_timer++;
    timer_times.emplace(id, at);
    timers.emplace(Key{at, id}, std::move(call));
    if (timers.begin()->first.second == id) arm();
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

  void arm() {
    if (timers.empty()) return;
    const SteadyTime at = timers.begin()->first.first;
    armed_for = at;
    timer.expires_at(std::chrono::steady_clock::time_point(at.time_since_epoch()));
    timer.async_wait([this, at](const boost::system::error_code& error) {
      if (error || at != armed_for) return;  // armed anew meanwhile
      run_due();
    });
  }

  void run_due() {
    // Only those due at the beginning, so that a timer which sets a timer for at once cannot hold the loop.
    const SteadyTime now = system_clock().steady();
    const std::uint64_t newest = next_timer;
    while (!timers.empty() && timers.begin()->first.first <= now && timers.begin()->first.second < newest) {
      auto first = timers.begin();
      Callback<void()> call = std::move(first->second);
      timer_times.erase(first->first.second);
      timers.erase(first);
      call();
      if (context.stopped()) return;
    }
    arm();
  }

  void sample(SteadyTime due) {
    const Duration cpu = thread_cpu_time();
    kBusy.add((cpu - cpu_counted).count(), busy_label);
    cpu_counted = cpu;
    const SteadyTime now = system_clock().steady();
    kLag.observe(now - due, lag_label);
    add_timer(now + kSamplePeriod, [this, next = now + kSamplePeriod] { sample(next); });
  }

  const std::string name;
  // The queues stand before the context: posted calls, which end with it, may still cancel timers when they end.
  std::map<Key, Callback<void()>> timers;
  std::unordered_map<std::uint64_t, SteadyTime> timer_times;
  bool ending = false;
  boost::asio::io_context context{1};
  boost::asio::steady_timer timer;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::uint64_t next_timer = 1;
  SteadyTime armed_for{};
  std::atomic<std::thread::id> thread{};
  Duration cpu_counted{0};
  std::size_t busy_label = kBusy.label_value(0, name);
  std::size_t lag_label = kLag.label_value(0, name);
};

AsioLoop::AsioLoop(std::string name) : state_(std::make_unique<State>(std::move(name))) {
  // OpenSSL writes with write(), which raises it when the peer has gone; we look at the error code.
  std::signal(SIGPIPE, SIG_IGN);
}

AsioLoop::~AsioLoop() {
  // Ended by hand, in this order: what calls hold may still cancel timers, leave, or post.
  state_->ending = true;
  end_residents();
  while (!state_->timers.empty()) state_->cancel_timer({state_->timers.begin()->first.second});
}

void AsioLoop::run() {
  state_->thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
  state_->cpu_counted = thread_cpu_time();
  const SteadyTime first = system_clock().steady() + kSamplePeriod;
  state_->add_timer(first, [state = state_.get(), first] { state->sample(first); });
  state_->context.run();
  state_->thread.store(std::thread::id{}, std::memory_order_relaxed);
}

void AsioLoop::stop() { state_->context.stop(); }

void AsioLoop::post(Callback<void()> call) {
  boost::asio::post(state_->context, [run = std::move(call)]() mutable { run(); });
}

TimerId AsioLoop::after(Duration delay, Callback<void()> call) {
  return state_->add_timer(system_clock().steady() + delay, std::move(call));
}

void AsioLoop::cancel(TimerId timer) { state_->cancel_timer(timer); }

Clock& AsioLoop::clock() { return system_clock(); }

Random& AsioLoop::random() { return system_random(); }

bool AsioLoop::on_this_thread() const {
  return state_->thread.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

const std::string& AsioLoop::name() const { return state_->name; }

boost::asio::io_context& AsioLoop::context() { return state_->context; }

}  // namespace iris::io
