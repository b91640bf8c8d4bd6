#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <optional>
#include <thread>

#include "io/loop_pool.h"
#include "io/sim_loop.h"
#include "log/log_contract.h"
#include "log/rocks_log.h"
#include "log/sim_log.h"

namespace iris::log {
namespace {

class RocksWorld final : public LogWorld {
 public:
  RocksWorld() {
    char name[] = "/tmp/iris-log-test-XXXXXX";
    IRIS_CHECK(mkdtemp(name) != nullptr);
    directory_ = name;
    start();
  }
  ~RocksWorld() override {
    stop();
    std::filesystem::remove_all(directory_);
  }
  Log& log() override { return *log_; }
  io::Loop& loop(std::uint32_t number) override { return pool_->at(number); }
  bool run_until(std::function<bool()> done) override {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (std::chrono::steady_clock::now() < end) {
      std::promise<bool> answer;
      loop(0).post([&] { answer.set_value(done()); });
      if (answer.get_future().get()) return true;
      std::this_thread::yield();
    }
    return false;
  }
  // A round through both loops and the writer.
  void run_a_while() override {
    std::atomic<int> rounds = 0;
    for (int i = 0; i < 10; ++i) {
      const int before = rounds;
      loop(1).post([&] { log_->append({3}, "while", loop(0), [&](Result<Offset>) { ++rounds; }); });
      run_until([&] { return rounds > before; });
    }
  }
  void fail_appends(bool on) override { failing_ = on; }
  void restart() override {
    stop();
    start();
  }

 private:
  void start() {
    pool_ = std::make_unique<io::LoopPool>(2, "log-test");
    rocks::EngineOptions options;
    options.directory = directory_;
    options.partitions = 4;
    options.tail_bytes_max = 2000;  // so that fetches read the disk, too
    options.group_bytes_max = 4000;
    options.free_check_interval = std::chrono::microseconds(1);
    // Failing: every third look at the disk finds it full.
    options.free_bytes = [this] { return failing_ && ++looks_ % 3 == 0 ? 0u : std::uint64_t{1} << 40; };
    auto engine = rocks::Engine::open(options);
    IRIS_CHECK(engine.ok());
    engine_ = std::move(*engine);
    log_ = std::make_unique<RocksLog>(*engine_);
    pool_->start();
  }
  void stop() {
    log_.reset();
    engine_.reset();
    pool_->stop();
    pool_.reset();
  }
  std::string directory_;
  std::atomic<bool> failing_ = false;
  std::atomic<int> looks_ = 0;
  std::unique_ptr<io::LoopPool> pool_;
  std::unique_ptr<rocks::Engine> engine_;
  std::unique_ptr<RocksLog> log_;
};

class SimulatedWorld final : public LogWorld {
 public:
  SimulatedWorld() { restart(); }
  Log& log() override { return log_; }
  io::Loop& loop(std::uint32_t number) override { return *loops_[number]; }
  bool run_until(std::function<bool()> done) override {
    while (!done()) {
      if (!world_.step()) return done();
    }
    return true;
  }
  void run_a_while() override { world_.run_for(std::chrono::seconds(10)); }
  void fail_appends(bool on) override {
    log_.options().append_unknown_kept = log_.options().append_unknown_lost = on ? 0.01 : 0;
    log_.options().append_overloaded = log_.options().append_no_space = on ? 0.01 : 0;
  }
  void restart() override {
    for (auto& loop : loops_) {
      if (loop != nullptr) loop->kill();
      loop = &world_.add_loop("node");
    }
  }

 private:
  io::SimWorld world_{{.seed = 20240503, .post_delay_max = std::chrono::microseconds(200)}};
  io::SimLoop* loops_[2] = {};
  SimLog log_{world_, {.partitions = 4}};
};

INSTANTIATE_TEST_SUITE_P(Implementations, LogContract,
                         testing::Values(LogImplementation{"RocksLog", [] { return std::make_unique<RocksWorld>(); }},
                                         LogImplementation{"SimLog",
                                                           [] { return std::make_unique<SimulatedWorld>(); }}),
                         [](const auto& test) { return test.param.name; });

// --- what only the simulated log does ---

// A node that dies leaves a prefix of its appends under way, never one without those before it.
TEST(SimLog, ADeadNodesAppendsLandAsAPrefix) {
  int kept_some = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    io::SimWorld world({.seed = seed});
    SimLog log(world, {.partitions = 1, .crash_keeps = 0.8});
    io::SimLoop& node = world.add_loop("node");
    bool answered = false;
    for (int i = 0; i < 10; ++i) log.append({0}, std::to_string(i), node, [&](Result<Offset>) { answered = true; });
    node.kill();
    world.run_until_idle();
    EXPECT_FALSE(answered);
    const auto& records = log.records({0});
    for (std::size_t i = 0; i < records.size(); ++i) ASSERT_EQ(records[i].bytes, std::to_string(i)) << "seed " << seed;
    if (!records.empty() && records.size() < 10) ++kept_some;
  }
  EXPECT_GT(kept_some, 50);
}

TEST(SimLog, UnknownOutcomeIsInTheLogOrNot) {
  io::SimWorld world({.seed = 7});
  SimLog log(world, {.partitions = 1, .append_unknown_kept = 0.5, .append_unknown_lost = 1});
  io::SimLoop& node = world.add_loop("node");
  int unknown = 0;
  for (int i = 0; i < 100; ++i) {
    log.append({0}, "x", node, [&](Result<Offset> offset) {
      ASSERT_FALSE(offset.ok());
      unknown += offset.error().code == base::Errc::unknown_outcome;
    });
    world.run_until_idle();
  }
  EXPECT_EQ(unknown, 100);
  EXPECT_GT(log.records({0}).size(), 20u);
  EXPECT_LT(log.records({0}).size(), 80u);
}

TEST(SimLog, CrashPointsAreCountedAndMayKill) {
  io::SimWorld world({.seed = 8});
  SimFaults faults;
  SimLog log(world, {.partitions = 1}, &faults);
  io::SimLoop& node = world.add_loop("node");
  faults.decide_by([](CrashPoint point, io::SimLoop& loop) {
    if (point != CrashPoint::append_durable_before_ack) return false;
    loop.kill();
    return true;
  });
  bool answered = false;
  log.append({0}, "x", node, [&](Result<Offset>) { answered = true; });
  world.run_until_idle();
  EXPECT_FALSE(answered);
  EXPECT_EQ(log.records({0}).size(), 1u);
  EXPECT_EQ(faults.passed(CrashPoint::append_before_durable), 1u);
  EXPECT_EQ(faults.crashed(CrashPoint::append_durable_before_ack), 1u);
}

TEST(SimLog, TheSameSeedGivesTheSameRun) {
  const auto run = [](std::uint64_t seed) {
    io::SimWorld world({.seed = seed});
    SimLog log(world, {.partitions = 2, .append_unknown_lost = 0.1});
    io::SimLoop& node = world.add_loop("node");
    for (std::uint32_t i = 0; i < 200; ++i) log.append({i % 2}, "x", node, [](Result<Offset>) {});
    world.run_until_idle();
    return world.digest();
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace iris::log
