// Where the new connections of a loop wait for their turn. For net/ itself.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>

#include "base/callback.h"
#include "base/time.h"
#include "io/epoll_loop.h"
#include "io/resident.h"

namespace iris::net {

// When very many come at once, those who are under way come first: if all began at once, each would take as long as
// all together, past every deadline, and would come again. So they begin in the order of arrival, a few per turn of
// the loop, and only while few TLS handshakes are under way. Nobody can hold the entrance: a handshake counts for a
// second and then goes on without a place. And who is inside already does not wait for them: of each turn, handshakes
// get some milliseconds, or as much as all the rest took. On the loop's thread.
class Entrance final : public io::Resident, public std::enable_shared_from_this<Entrance> {
 public:
  // The loop's only one. On its thread, while it runs.
  static std::shared_ptr<Entrance> of(io::EpollLoop& loop);
  explicit Entrance(io::EpollLoop& loop) : loop_(&loop) {}

  // Runs `enter` on a later turn, once fewer than `handshakes_max` are under way. Dropped if the loop ends before.
  void wait(std::size_t handshakes_max, base::Callback<void()> enter);

  // A handshake began; it need not have waited. The number is never 0.
  std::uint64_t handshake_began();
  void handshake_ended(std::uint64_t number);
  // Runs `step` of a handshake on a later turn, behind those that were given before it.
  void go_on(base::Callback<void()> step);

  void loop_ended() override;

 private:
  bool has_room() const { return under_way_.size() < handshakes_max_; }
  // On the next turn, unless `posted` says that it is on its way.
  void post_once(bool& posted, void (Entrance::*call)());
  void let_in();
  void schedule();
  void drop_slow_ones();
  void run_steps();

  io::EpollLoop* loop_;
  std::deque<base::Callback<void()>> waiting_;
  std::size_t handshakes_max_ = 1;
  std::map<std::uint64_t, base::SteadyTime> under_way_;  // and when they stop to count
  std::uint64_t last_number_ = 0;
  bool let_in_posted_ = false;
  std::deque<base::Callback<void()>> steps_;
  base::SteadyTime steps_ended_{};  // of the turn before
  bool steps_posted_ = false;
  io::TimerId timer_{};
};

}  // namespace iris::net
