// The real event loop, on epoll by way of Boost.Asio. One thread calls run(); see io/loop.h for the contract.
#pragma once
#include <memory>
#include <string>

#include "io/loop.h"
#include "io/resident.h"

namespace boost::asio {
class io_context;
}

namespace iris::io {

// Counts its CPU time (iris_loop_busy_seconds_total) and how late its timers are (iris_loop_lag_seconds), by name.
// Its destructor drops the calls that have not run. SIGPIPE is ignored in a process that has made one.
class AsioLoop final : public Loop, public Residence {
 public:
  explicit AsioLoop(std::string name);
  ~AsioLoop() override;

  // Runs calls on this thread until stop(). Once per loop.
  void run();
  // From any thread, also before run(), which then returns at once. Calls still pending are dropped by the destructor.
  void stop();

  void post(Callback<void()> call) override;
  TimerId after(Duration delay, Callback<void()> call) override;
  void cancel(TimerId timer) override;
  Clock& clock() override;
  Random& random() override;
  bool on_this_thread() const override;

  const std::string& name() const;
  // For files inside io/ that talk to asio.
  boost::asio::io_context& context();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iris::io
