#include "io/sim_loop.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace iris::io {
namespace {

std::uint64_t splitmix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

constexpr std::uint32_t kOutside = 0;  // posts that come from no loop: the test itself

}  // namespace

SeededRandom::SeededRandom(std::uint64_t seed) {
  for (auto& word : state_) word = splitmix(seed);
}

std::uint64_t SeededRandom::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t SeededRandom::below(std::uint64_t bound) {
  IRIS_CHECK(bound > 0);
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
}

bool SeededRandom::chance(double probability) { return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability; }

WallTime SimLoop::SimClock::wall() const { return world.wall() + skew; }
SteadyTime SimLoop::SimClock::steady() const { return world.now(); }

SimLoop::SimLoop(SimWorld& world, std::string name, std::uint32_t number, std::uint64_t seed)
    : world_(world), name_(std::move(name)), number_(number), clock_(world), random_(seed) {}

void SimLoop::post(Callback<void()> call) {
  if (!alive_) return;
  const std::uint32_t from = world_.current_ != nullptr ? world_.current_->number_ : kOutside;
  SteadyTime at = world_.now_;
  const auto delay_max = world_.options_.post_delay_max.count();
  // Between the calls of one loop nothing takes time, else a loop could not finish what it has begun at one moment.
  if (delay_max > 0 && from != number_) at += Duration(world_.random_.below(static_cast<std::uint64_t>(delay_max) + 1));
  SteadyTime& last = last_post_from_[from];
  at = std::max(at, last);
  last = at;
  world_.add_event(at, *this, std::move(call));
}

TimerId SimLoop::after(Duration delay, Callback<void()> call) {
  if (!alive_) return {};
  return {world_.add_event(world_.now_ + std::max(delay, Duration{0}), *this, std::move(call))};
}

void SimLoop::cancel(TimerId timer) {
  const auto found = world_.times_.find(timer.value);
  if (found == world_.times_.end()) return;
  const auto event = world_.events_.find({found->second, timer.value});
  IRIS_CHECK(event->second.loop == this);
  world_.times_.erase(found);
  const Callback<void()> dropped = std::move(event->second.call);  // ends when the queue is in order again
  world_.events_.erase(event);
}

bool SimLoop::on_this_thread() const { return world_.current_ == nullptr || world_.current_ == this; }

void SimLoop::kill() {
  if (!alive_) return;
  alive_ = false;
  if (world_.current_ != this) world_.bury(*this);  // else step() does, after the call
}

SimWorld::SimWorld(SimOptions options) : options_(options), random_(options.seed) {}

SimWorld::~SimWorld() {
  for (auto& loop : loops_) loop->kill();
}

SimLoop& SimWorld::add_loop(std::string name) {
  const auto number = static_cast<std::uint32_t>(loops_.size() + 1);
  loops_.push_back(std::unique_ptr<SimLoop>(new SimLoop(*this, std::move(name), number, random_.next())));
  return *loops_.back();
}

bool SimWorld::step() {
  IRIS_CHECK(current_ == nullptr);
  if (events_.empty()) return false;
  const auto first = events_.begin();
  const auto [at, id] = first->first;
  Event event = std::move(first->second);
  events_.erase(first);
  times_.erase(id);
  now_ = at;
  ++steps_;
  digest_ ^= id * 0x9e3779b97f4a7c15 + static_cast<std::uint64_t>(at.time_since_epoch().count()) + event.loop->number_;
  digest_ = splitmix(digest_);
  current_ = event.loop;
  event.call();
  event.call = nullptr;  // its captures end as part of its loop's turn
  current_ = nullptr;
  if (!event.loop->alive_) bury(*event.loop);
  return true;
}

bool SimWorld::run_until_idle(std::uint64_t steps_max) {
  for (std::uint64_t i = 0; i < steps_max; ++i) {
    if (!step()) return true;
  }
  return events_.empty();
}

void SimWorld::run_for(Duration span) {
  const SteadyTime end = now_ + span;
  while (!events_.empty() && events_.begin()->first.first <= end) step();
  now_ = end;
}

std::uint64_t SimWorld::add_event(SteadyTime at, SimLoop& loop, Callback<void()> call) {
  const std::uint64_t id = next_id_++;
  events_.emplace(Key{at, id}, Event{&loop, std::move(call)});
  times_.emplace(id, at);
  return id;
}

void SimWorld::bury(SimLoop& loop) {
  std::vector<Callback<void()>> dropped;  // ended last: their captures may post and cancel
  for (auto event = events_.begin(); event != events_.end();) {
    if (event->second.loop != &loop) {
      ++event;
      continue;
    }
    dropped.push_back(std::move(event->second.call));
    times_.erase(event->first.second);
    event = events_.erase(event);
  }
  loop.end_residents();
}

}  // namespace iris::io
