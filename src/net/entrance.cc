#include "net/entrance.h"

#include <algorithm>
#include <utility>

#include "base/metrics.h"

namespace iris::net {
namespace {

base::Gauge kWaiting{"iris_net_newcomers_waiting", "Connections that were accepted and wait until they may begin."};

// A turn then takes some milliseconds, and those who are there already do not notice it.
constexpr int kPerTurn = 4;
// Longer than an honest handshake takes unless the peer's network is very slow. With listen.tls_handshakes_max it says
// how many begin each second when nobody finishes.
constexpr base::Duration kCounts = std::chrono::seconds{1};
// Of a turn, for handshakes. Where the rest takes longer, they get as much, so that they go on beside any load; but not
// as much as the loop was idle.
constexpr base::Duration kStepsPerTurn = std::chrono::milliseconds{5};
constexpr base::Duration kStepsPerTurnMax = std::chrono::milliseconds{50};

}  // namespace

std::shared_ptr<Entrance> Entrance::of(io::EpollLoop& loop) {
  thread_local std::weak_ptr<Entrance> here;  // the loop holds it, as a resident
  auto entrance = here.lock();
  if (entrance == nullptr || entrance->loop_ != &loop) {
    entrance = std::make_shared<Entrance>(loop);
    loop.add_resident(entrance);
    here = entrance;
  }
  return entrance;
}

void Entrance::wait(std::size_t handshakes_max, base::Callback<void()> enter) {
  handshakes_max_ = handshakes_max;
  waiting_.push_back(std::move(enter));
  kWaiting.add(1);
  schedule();
}

std::uint64_t Entrance::handshake_began() {
  under_way_.emplace(++last_number_, loop_->clock().steady() + kCounts);
  return last_number_;
}

void Entrance::handshake_ended(std::uint64_t number) {
  under_way_.erase(number);
  schedule();
}

void Entrance::loop_ended() {
  kWaiting.add(-static_cast<std::int64_t>(waiting_.size()));
  waiting_.clear();
  steps_.clear();
}

void Entrance::post_once(bool& posted, void (Entrance::*call)()) {
  if (std::exchange(posted, true)) return;
  loop_->post([self = shared_from_this(), &posted, call] {
    posted = false;
    (self.get()->*call)();
  });
}

void Entrance::schedule() {
  if (let_in_posted_ || waiting_.empty()) return;
  drop_slow_ones();
  if (has_room()) {
    post_once(let_in_posted_, &Entrance::let_in);
  } else if (timer_.value == 0) {
    timer_ = loop_->after(under_way_.begin()->second - loop_->clock().steady(), [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      self->timer_ = {};
      self->schedule();
    });
  }
}

void Entrance::drop_slow_ones() {
  const base::SteadyTime now = loop_->clock().steady();
  while (!under_way_.empty() && under_way_.begin()->second <= now) under_way_.erase(under_way_.begin());
}

void Entrance::go_on(base::Callback<void()> step) {
  steps_.push_back(std::move(step));
  post_once(steps_posted_, &Entrance::run_steps);
}

void Entrance::run_steps() {
  base::SteadyTime now = loop_->clock().steady();
  const base::SteadyTime until = now + std::max(kStepsPerTurn, std::min(now - steps_ended_, kStepsPerTurnMax));
  while (!steps_.empty() && now < until) {
    base::Callback<void()> step = std::move(steps_.front());
    steps_.pop_front();
    step();
    now = loop_->clock().steady();
  }
  steps_ended_ = now;
  if (!steps_.empty()) post_once(steps_posted_, &Entrance::run_steps);
}

void Entrance::let_in() {
  for (int i = 0; i < kPerTurn && !waiting_.empty() && has_room(); ++i) {
    base::Callback<void()> enter = std::move(waiting_.front());
    waiting_.pop_front();
    kWaiting.add(-1);
    enter();
  }
  schedule();
}

}  // namespace iris::net
