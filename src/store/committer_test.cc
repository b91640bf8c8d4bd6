// Both committers keep rule S4; each in the world it is for.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <set>

#include "io/loop_pool.h"
#include "io/sim_loop.h"
#include "log/rocks_log.h"
#include "log/sim_log.h"
#include "record/keys.h"
#include "store/ordered_committer.h"
#include "store/rocks_committer.h"
#include "store/rocks_store.h"
#include "store/sim_store.h"

namespace iris::store {
namespace {

using base::Stamp;

constexpr std::uint32_t kPartitions = 3;

// Step n: one emission to each of one or two partitions, an archive row, and the applied stamp of one of two entities.
Step step(std::uint64_t n) {
  Step out;
  out.emissions.push_back({{static_cast<std::uint32_t>(n % kPartitions)}, std::to_string(n)});
  if (n % 2 == 0) out.emissions.push_back({{static_cast<std::uint32_t>((n + 1) % kPartitions)}, std::to_string(n)});
  if (n % 7 == 0) out.emissions.clear();
  const std::string entity = n % 2 == 0 ? "even" : "odd";
  out.rows.push_back({Table::archive, entity, record::key_of(Stamp{n}), "row", {n}});
  out.state.push_back({Table::state, entity, "applied", std::to_string(n), {n}});
  return out;
}

class Simulated : public testing::TestWithParam<std::uint64_t> {
 protected:
  std::uint64_t applied(const std::string& entity) {
    const auto& table = store_.table(Table::state);
    const auto found = table.find(entity);
    return found == table.end() ? 0 : std::stoull(*found->second.at("applied").value);
  }
  bool has_row(std::uint64_t n) {
    const auto& table = store_.table(Table::archive);
    const auto found = table.find(n % 2 == 0 ? "even" : "odd");
    return found != table.end() && found->second.contains(record::key_of(Stamp{n}));
  }
  bool has_emissions(std::uint64_t n) {
    for (const Emission& emission : step(n).emissions) {
      bool found = false;
      for (const auto& record : log_.records(emission.to)) found |= record.bytes == emission.record;
      if (!found) return false;
    }
    return true;
  }
  // S4: whatever is applied, durably, has its rows and its emissions.
  void check_order_of_effects() {
    for (const char* entity : {"even", "odd"}) {
      for (std::uint64_t n = entity[0] == 'e' ? 2 : 1; n <= applied(entity); n += 2) {
        ASSERT_TRUE(has_row(n)) << "seed " << GetParam() << ": " << n << " is applied without its row";
        ASSERT_TRUE(has_emissions(n)) << "seed " << GetParam() << ": " << n << " is applied without its emissions";
      }
    }
  }

  io::SimWorld world_{{.seed = GetParam()}};
  log::SimFaults faults_;
  log::SimLog log_{
      world_,
      {.partitions = kPartitions, .append_unknown_kept = 0.1, .append_unknown_lost = 0.1, .append_overloaded = 0.05},
      &faults_};
  SimStore store_{world_,
                  {.write_unavailable = 0.1, .write_unknown_kept = 0.1, .write_unknown_parts = 0.1, .write_late = 0.1},
                  &faults_};
  io::SimLoop& node_ = world_.add_loop("node");
};

TEST_P(Simulated, StepsAreCarriedOutInOrderThroughFaults) {
  OrderedCommitter committer(log_, store_, node_, {.hook = faults_.hook()});
  constexpr std::uint64_t kSteps = 60;
  std::uint64_t emitted = 0, persisted = 0;
  bool inside = false;
  for (std::uint64_t n = 1; n <= kSteps; ++n) {
    node_.after(base::Duration(n * 300), [&, n] {
      inside = true;
      committer.commit(
          step(n),
          [&, n] {
            EXPECT_FALSE(inside);
            EXPECT_EQ(++emitted, n);
            EXPECT_TRUE(has_emissions(n));
          },
          [&, n] {
            EXPECT_FALSE(inside);
            EXPECT_EQ(++persisted, n);
            EXPECT_GE(emitted, n);
            EXPECT_TRUE(has_row(n));
            EXPECT_GE(applied(n % 2 == 0 ? "even" : "odd"), n);
          });
      inside = false;
    });
  }
  while (world_.step()) check_order_of_effects();
  EXPECT_EQ(persisted, kSteps);
  // Into each partition in order, but for doubles.
  for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
    std::uint64_t last = 0;
    std::set<std::uint64_t> seen;
    for (const auto& record : log_.records({partition})) {
      const auto n = std::stoull(record.bytes);
      if (!seen.insert(n).second) continue;
      EXPECT_GT(n, std::exchange(last, n)) << "seed " << GetParam();
    }
  }
}

TEST_P(Simulated, ACrashAnywhereLeavesTheOrderOfEffects) {
  const std::uint64_t crash_at = 10 + GetParam() * 5;
  std::uint64_t passed = 0;
  faults_.decide_by([&](log::CrashPoint, io::SimLoop& loop) {
    if (++passed != crash_at) return false;
    loop.kill();
    return true;
  });
  OrderedCommitter committer(log_, store_, node_, {.hook = faults_.hook()});
  for (std::uint64_t n = 1; n <= 60; ++n) {
    node_.after(base::Duration(n * 300), [&, n] { committer.commit(step(n), nullptr, nullptr); });
  }
  while (world_.step()) check_order_of_effects();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Simulated, testing::Range<std::uint64_t>(1, 61));

TEST(OrderedCommitter, WhenDestroyedItCallsNoOne) {
  io::SimWorld world({.seed = 1});
  log::SimLog log(world, {.partitions = kPartitions});
  SimStore store(world, {});
  io::SimLoop& node = world.add_loop("node");
  auto committer = std::make_unique<OrderedCommitter>(log, store, node);
  for (std::uint64_t n = 1; n < 10; ++n)
    committer->commit(
        step(n), [&] { committer.reset(); }, [] { FAIL() << "called after its end"; });
  world.run_until_idle();
  EXPECT_EQ(committer, nullptr);
}

TEST(RocksCommitter, AStepIsInLogAndStoreWhenItIsPersisted) {
  char name[] = "/tmp/iris-committer-test-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  io::LoopPool pool(1, "committer");
  rocks::EngineOptions options;
  options.directory = name;
  options.partitions = kPartitions;
  auto engine = rocks::Engine::open(options).value();
  log::RocksLog log(*engine);
  RocksStore store(*engine);
  io::Loop& loop = pool.at(0);
  auto committer = std::make_unique<RocksCommitter>(*engine, loop);
  std::promise<bool> finished;
  std::uint64_t emitted = 0, persisted = 0;
  loop.post([&] {
    for (std::uint64_t n = 1; n <= 100; ++n) {
      committer->commit(
          step(n), [&, n] { EXPECT_EQ(++emitted, n); },
          [&, n] {
            EXPECT_EQ(++persisted, n);
            EXPECT_GE(emitted, n);
            if (n < 100) return;
            log.bounds({0}, loop, [&](Result<log::Bounds> bounds) {
              EXPECT_GT(bounds->end.value, 30);
              store.read(Table::state, "even", "applied", loop, [&](Result<std::optional<Row>> row) {
                EXPECT_EQ((*row)->value, "100");
                store.scan(Table::archive, "odd", {}, loop, [&](Result<Page> page) {
                  EXPECT_EQ(page->rows.size(), 50u);
                  committer.reset();
                  finished.set_value(true);
                });
              });
            });
          });
    }
  });
  pool.start();
  EXPECT_TRUE(finished.get_future().get());
  engine.reset();
  pool.stop();
  std::filesystem::remove_all(name);
}

}  // namespace
}  // namespace iris::store
