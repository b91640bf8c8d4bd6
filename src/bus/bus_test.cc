#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "base/metrics.h"
#include "bus/bus_contract.h"
#include "bus/local_bus.h"
#include "bus/sim_bus.h"
#include "io/loop_pool.h"
#include "io/sim_loop.h"

namespace iris::bus {
namespace {

// Of saying(), presence() and answer().
std::string text_of(const record::BusMessage& message) {
  if (message.has_end_session()) return message.end_session().text();
  return message.has_soft() && message.soft().kind() == record::IQ ? "answer" : "presence";
}

class LocalWorld final : public BusWorld {
 public:
  explicit LocalWorld(LocalBusOptions options = {}, bool start = true) : bus_("node", options) {
    for (std::uint32_t i = 0; i < 2; ++i) {
      bus_.attach(i, pool_.at(i), [this, i](record::BusMessage&& message) {
        std::lock_guard lock(mutex_);
        received_[i].push_back(text_of(message));
      });
    }
    if (start) pool_.start();
  }
  ~LocalWorld() override { pool_.stop(); }
  void start() { pool_.start(); }

  Bus& bus() override { return bus_; }
  io::Loop& loop(std::uint32_t number) override { return pool_.at(number); }
  bool run_until(std::function<bool()> done) override {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }
  std::vector<std::string> received(std::uint32_t number) override {
    std::lock_guard lock(mutex_);
    return received_[number];
  }

 private:
  io::LoopPool pool_{2, "bus-test"};
  std::mutex mutex_;
  std::vector<std::string> received_[2];
  LocalBus bus_;
};

class SimulatedWorld final : public BusWorld {
 public:
  explicit SimulatedWorld(SimBusOptions options = {}) : net_(world_, options), bus_(net_, "node") {
    for (std::uint32_t i = 0; i < 2; ++i) {
      bus_.attach(i, *loops_[i], [this, i](record::BusMessage&& message) { received_[i].push_back(text_of(message)); });
    }
  }
  Bus& bus() override { return bus_; }
  io::Loop& loop(std::uint32_t number) override { return *loops_[number]; }
  bool run_until(std::function<bool()> done) override {
    while (!done()) {
      if (!world_.step()) return done();
    }
    return true;
  }
  std::vector<std::string> received(std::uint32_t number) override { return received_[number]; }
  SimBusNet& net() { return net_; }
  io::SimWorld& world() { return world_; }
  void kill(std::uint32_t number) { loops_[number]->kill(); }

 private:
  io::SimWorld world_{{.seed = 20240502}};
  io::SimLoop* loops_[2] = {&world_.add_loop("0"), &world_.add_loop("1")};
  std::vector<std::string> received_[2];
  SimBusNet net_;
  SimBus bus_;
};

INSTANTIATE_TEST_SUITE_P(Implementations, BusContract,
                         testing::Values(BusImplementation{"LocalBus", [] { return std::make_unique<LocalWorld>(); }},
                                         BusImplementation{"SimBus",
                                                           [] { return std::make_unique<SimulatedWorld>(); }}),
                         [](const auto& test) { return test.param.name; });

double dropped_as_full() {
  for (const auto& metric : base::collect_metrics()) {
    if (metric.name != "iris_bus_messages_total") continue;
    for (const auto& series : metric.series) {
      if (series.labels.at(0).second == "full") return series.value;
    }
  }
  return -1;
}

TEST(LocalBus, OverTheBoundedQueueIsDroppedAndCounted) {
  LocalWorld world({.messages_max = 10}, false);
  const double before = dropped_as_full();
  for (int i = 0; i < 15; ++i) world.bus().send({"node", 1}, saying(std::to_string(i)));
  EXPECT_EQ(dropped_as_full() - before, 5);
  world.start();
  EXPECT_TRUE(world.run_until([&] { return world.received(1).size() == 10; }));
  EXPECT_EQ(world.received(1).back(), "9");
}

TEST(LocalBus, BytesAreBoundedToo) {
  LocalWorld world({.bytes_max = 100}, false);
  for (int i = 0; i < 3; ++i) world.bus().send({"node", 1}, saying(std::string(60, 'x')));
  world.bus().send({"node", 0}, saying("another loop's queue is its own"));
  world.start();
  EXPECT_TRUE(world.run_until([&] { return world.received(1).size() == 1 && world.received(0).size() == 1; }));
}

record::BusMessage presence(bool between_shards) {
  record::BusMessage message;
  if (between_shards)
    message.mutable_presence()->mutable_stanza()->set_kind(record::PRESENCE);
  else
    message.mutable_soft()->set_kind(record::PRESENCE);
  return message;
}

record::BusMessage answer() {
  record::BusMessage message;
  message.mutable_soft()->set_kind(record::IQ);
  return message;
}

TEST(LocalBus, PresenceLeavesRoomForAnswers) {
  LocalWorld world({.messages_max = 10}, false);
  const double before = dropped_as_full();
  for (int i = 0; i < 100; ++i) world.bus().send({"node", 1}, presence(i % 2 == 0));
  EXPECT_EQ(dropped_as_full() - before, 95);
  for (int i = 0; i < 6; ++i) world.bus().send({"node", 1}, answer());
  EXPECT_EQ(dropped_as_full() - before, 96);
  world.start();
  EXPECT_TRUE(world.run_until([&] { return world.received(1).size() == 10; }));
  EXPECT_EQ(std::ranges::count(world.received(1), "answer"), 5);
}

TEST(LocalBus, PresenceLeavesBytesForAnswers) {
  LocalWorld world({.bytes_max = 10 * presence(false).ByteSizeLong()}, false);
  for (int i = 0; i < 100; ++i) world.bus().send({"node", 1}, presence(false));
  world.bus().send({"node", 1}, answer());
  world.start();
  EXPECT_TRUE(world.run_until([&] { return world.received(1).size() == 6; }));
  EXPECT_EQ(world.received(1).back(), "answer");
}

TEST(SimBus, LosesAndDoublesButKeepsOrder) {
  SimulatedWorld world({.drop = 0.2, .twice = 0.2, .late = 0.1});
  world.loop(0).post([&] {
    for (int i = 10'000; i < 11'000; ++i) world.bus().send({"node", 1}, saying(std::to_string(i)));
  });
  world.world().run_until_idle();
  const auto received = world.received(1);
  EXPECT_TRUE(std::is_sorted(received.begin(), received.end()));
  const std::set<std::string> different(received.begin(), received.end());
  EXPECT_LT(different.size(), 1000u);
  EXPECT_GT(received.size(), different.size());
}

TEST(SimBus, NothingPassesACutUntilMended) {
  SimulatedWorld world;
  SimBus other(world.net(), "other");
  world.net().cut("node", "other");
  other.send({"node", 1}, saying("lost"));
  world.net().mend("other", "node");
  other.send({"node", 1}, saying("arrives"));
  world.world().run_until_idle();
  EXPECT_EQ(world.received(1), std::vector<std::string>{"arrives"});
}

TEST(SimBus, ADeadLoopHearsNothing) {
  SimulatedWorld world;
  world.bus().send({"node", 1}, saying("on its way"));
  world.kill(1);
  world.world().run_until_idle();
  EXPECT_TRUE(world.received(1).empty());
}

}  // namespace
}  // namespace iris::bus
