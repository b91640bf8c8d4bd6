// The simulated world: one thread, a virtual clock, one ordered queue of events, chance from a seed. The same seed and
// the same program give the same run, to the last event.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/loop.h"
#include "io/resident.h"

namespace iris::io {

// xoshiro256**, seeded by splitmix64.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  std::uint64_t next() override;
  std::uint64_t below(std::uint64_t bound);  // in [0, bound); bound is not 0
  bool chance(double probability);

 private:
  std::uint64_t state_[4];
};

struct SimOptions {
  std::uint64_t seed = 1;
  // A post() takes between 0 and this long, by chance; posts from one loop to another keep their order. 0: at once.
  Duration post_delay_max{0};
  WallTime start{std::chrono::seconds{1'700'000'000}};
};

class SimWorld;

// A node's loop in the simulated world. Owned by its SimWorld.
class SimLoop final : public Loop, public Residence {
 public:
  void post(Callback<void()> call) override;
  TimerId after(Duration delay, Callback<void()> call) override;
  void cancel(TimerId timer) override;
  Clock& clock() override { return clock_; }
  Random& random() override { return random_; }
  bool on_this_thread() const override;

  // The node crashes: all that is pending is dropped unrun, and so is all that is posted or timed from now on. Its
  // captured state is destroyed, and its residents are ended, before this returns (after the running call returns, if
  // the loop kills itself).
  void kill();
  bool alive() const { return alive_; }
  // This node's wall clock is wrong by this much.
  void set_skew(Duration skew) { clock_.skew = skew; }
  const std::string& name() const { return name_; }

 private:
  friend class SimWorld;
  struct SimClock final : Clock {
    explicit SimClock(const SimWorld& w) : world(w) {}
    WallTime wall() const override;
    SteadyTime steady() const override;
    const SimWorld& world;
    Duration skew{0};
  };
  SimLoop(SimWorld& world, std::string name, std::uint32_t number, std::uint64_t seed);

  SimWorld& world_;
  const std::string name_;
  const std::uint32_t number_;
  SimClock clock_;
  SeededRandom random_;  // of its own, so that a loop's chance does not hang on what other loops do
  bool alive_ = true;
  std::map<std::uint32_t, SteadyTime> last_post_from_;  // by the number of the posting loop
};

class SimWorld {
 public:
  explicit SimWorld(SimOptions options = {});
  ~SimWorld();
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  // A new loop; lives as long as the world, also after kill().
  SimLoop& add_loop(std::string name);

  // Runs the next event, moving the clock to its time. False if there is none.
  bool step();
  // Runs until nothing is pending, or `steps_max` events have run. True if idle. Periodic timers never become idle.
  bool run_until_idle(std::uint64_t steps_max = 10'000'000);
  // Runs everything due within `span`, then sets the clock to its end. Bounded only by what the events do.
  void run_for(Duration span);

  SteadyTime now() const { return now_; }
  WallTime wall() const { return options_.start + now_.time_since_epoch(); }
  // Chance of the world itself: faults, workload.
  SeededRandom& random() { return random_; }
  std::uint64_t seed() const { return options_.seed; }
  std::uint64_t steps() const { return steps_; }
  std::size_t pending() const { return events_.size(); }
  // The loop whose call is running; null between calls.
  SimLoop* current() const { return current_; }
  // A number that depends on every event run so far (its order, loop and time): equal runs, equal digests.
  std::uint64_t digest() const { return digest_; }

 private:
  friend class SimLoop;
  struct Event {
    SimLoop* loop;
    Callback<void()> call;
  };
  using Key = std::pair<SteadyTime, std::uint64_t>;  // time, then order of arrival
  std::uint64_t add_event(SteadyTime at, SimLoop& loop, Callback<void()> call);
  void bury(SimLoop& loop);

  const SimOptions options_;
  SeededRandom random_;
  SteadyTime now_{};
  std::uint64_t next_id_ = 1;
  std::uint64_t steps_ = 0;
  std::uint64_t digest_ = 0;
  SimLoop* current_ = nullptr;
  std::map<Key, Event> events_;
  std::unordered_map<std::uint64_t, SteadyTime> times_;  // of pending events, by id; never iterated
  std::vector<std::unique_ptr<SimLoop>> loops_;
};

}  // namespace iris::io
