#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include "io/loop_pool.h"
#include "io/sim_loop.h"
#include "store/rocks_store.h"
#include "store/sim_store.h"
#include "store/store_contract.h"

namespace iris::store {
namespace {

class RocksWorld final : public StoreWorld {
 public:
  RocksWorld() {
    char name[] = "/tmp/iris-store-test-XXXXXX";
    IRIS_CHECK(mkdtemp(name) != nullptr);
    directory_ = name;
    start();
  }
  ~RocksWorld() override {
    stop();
    std::filesystem::remove_all(directory_);
  }
  Store& store() override { return *store_; }
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
  void restart() override {
    stop();
    start();
  }

 private:
  void start() {
    pool_ = std::make_unique<io::LoopPool>(2, "store-test");
    rocks::EngineOptions options;
    options.directory = directory_;
    options.partitions = 4;
    auto engine = rocks::Engine::open(options);
    IRIS_CHECK(engine.ok());
    engine_ = std::move(*engine);
    store_ = std::make_unique<RocksStore>(*engine_);
    pool_->start();
  }
  void stop() {
    store_.reset();
    engine_.reset();
    pool_->stop();
    pool_.reset();
  }
  std::string directory_;
  std::unique_ptr<io::LoopPool> pool_;
  std::unique_ptr<rocks::Engine> engine_;
  std::unique_ptr<RocksStore> store_;
};

class SimulatedWorld final : public StoreWorld {
 public:
  SimulatedWorld() { restart(); }
  Store& store() override { return store_; }
  io::Loop& loop(std::uint32_t number) override { return *loops_[number]; }
  bool run_until(std::function<bool()> done) override {
    while (!done()) {
      if (!world_.step()) return done();
    }
    return true;
  }
  void restart() override {
    for (auto& loop : loops_) {
      if (loop != nullptr) loop->kill();
      loop = &world_.add_loop("node");
    }
  }

 private:
  io::SimWorld world_{{.seed = 20240504, .post_delay_max = std::chrono::microseconds(200)}};
  io::SimLoop* loops_[2] = {};
  SimStore store_{world_, {}};
};

INSTANTIATE_TEST_SUITE_P(
    Implementations, StoreContract,
    testing::Values(StoreImplementation{"RocksStore", [] { return std::make_unique<RocksWorld>(); }},
                    StoreImplementation{"SimStore", [] { return std::make_unique<SimulatedWorld>(); }}),
    [](const auto& test) { return test.param.name; });

// --- what only the simulated store does ---

Write row(std::string key, std::uint64_t stamp, std::string value) {
  return {Table::state, std::move(key), "row", std::move(value), {stamp}};
}

TEST(SimStore, ADyingNodesWriteLandsWholeByPartitionKeyOrNot) {
  int halves = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    io::SimWorld world({.seed = seed});
    SimStore store(world, {});
    io::SimLoop& node = world.add_loop("node");
    store.write({row("a", 1, "1"), row("b", 1, "1")}, node, [](Status) { FAIL() << "a dead node was answered"; });
    node.kill();
    world.run_until_idle();
    halves += store.table(Table::state).size() == 1;
  }
  EXPECT_GT(halves, 10);
}

TEST(SimStore, AnUnknownOutcomeMayLandLateAndChangesNothingNewer) {
  io::SimWorld world({.seed = 3});
  SimStore store(world, {.write_late = 1});
  io::SimLoop& node = world.add_loop("node");
  std::optional<base::Errc> code;
  store.write({row("a", 1, "late")}, node, [&](Status status) { code = status.error().code; });
  world.run_for(std::chrono::microseconds(10));
  EXPECT_EQ(code, base::Errc::unknown_outcome);
  EXPECT_TRUE(store.table(Table::state).empty());
  store.options().write_late = 0;
  store.write({row("a", 2, "newer")}, node, [](Status) {});
  world.run_until_idle();
  EXPECT_EQ(store.table(Table::state).at("a").at("row").value, "newer");
}

TEST(SimStore, ALateRowDoesNotComeBackIntoARangeThatWasDeleted) {
  io::SimWorld world({.seed = 3});
  SimStore store(world, {});
  io::SimLoop& node = world.add_loop("node");
  const auto write = [&](Write one) {
    store.write({std::move(one)}, node, [](Status) {});
    world.run_until_idle();
  };
  write({Table::archive, "a", "", std::nullopt, {5}, "m"});
  write({Table::archive, "a", "k", "late", {5}});
  EXPECT_TRUE(store.table(Table::archive).at("a").empty());
  write({Table::archive, "a", "k", "newer", {6}});
  write({Table::archive, "a", "m", "outside", {4}});
  EXPECT_EQ(store.table(Table::archive).at("a").size(), 2u);
}

TEST(SimStore, WhileDownEverythingIsUnavailable) {
  io::SimWorld world({.seed = 4});
  SimStore store(world, {.down = true});
  io::SimLoop& node = world.add_loop("node");
  int unavailable = 0;
  store.write({row("a", 1, "1")}, node, [&](Status status) { unavailable += !status.ok(); });
  store.read(Table::state, "a", "row", node, [&](Result<std::optional<Row>> got) { unavailable += !got.ok(); });
  world.run_until_idle();
  EXPECT_EQ(unavailable, 2);
  EXPECT_TRUE(store.table(Table::state).empty());
}

}  // namespace
}  // namespace iris::store
