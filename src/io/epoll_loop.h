// The real event loop, on epoll. One thread calls run(); see io/loop.h for the contract.
#pragma once
#include <memory>
#include <string>

#include "io/loop.h"
#include "io/resident.h"

namespace iris::io {

class FdWatch;

// Counts its CPU time (iris_loop_busy_seconds_total) and how late its timers are (iris_loop_lag_seconds), by name.
// Timers are late by up to a millisecond. Its destructor drops the calls that have not run. SIGPIPE is ignored in a
// process that has made one.
class EpollLoop final : public Loop, public Residence {
 public:
  explicit EpollLoop(std::string name);
  ~EpollLoop() override;

  // `loop`, which must be one of this kind: descriptors live on no other.
  static EpollLoop& of(Loop& loop);

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

 private:
  friend class FdWatch;
  struct State;
  int epoll() const;
  void forget(const FdWatch& watch);  // it was told of in the batch that is being told

  std::unique_ptr<State> state_;
};

}  // namespace iris::io
