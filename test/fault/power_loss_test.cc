// The power is cut at a random moment under a server's load on the engine; then what was not synced is taken away, and
// the engine opened again. What was acknowledged must be there, and no step may be there in part. (A kill -9 would
// prove nothing here: the page cache survives it.)
//
//   IRIS_SEED    the first round's seed (default 1); a failure prints its round's
//   IRIS_ROUNDS  rounds (default 240; 3000 if IRIS_FULL is 1)
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "faulty_file_system.h"
#include "io/loop_pool.h"
#include "record/keys.h"
#include "rocks/database.h"
#include "rocks/engine.h"

namespace iris::fault {
namespace {

using base::Offset;
using base::PartitionId;
using base::Stamp;
using rocks::Database;

constexpr std::uint32_t kClientPartitions = 4;
constexpr PartitionId kEmissions{4};
constexpr std::size_t kState = 0, kArchive = 1;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// What the world was told, and so must find again.
struct Promised {
  std::map<std::uint32_t, std::map<std::int64_t, std::string>> records;  // acknowledged: partition, offset, record
  std::map<std::uint32_t, std::int64_t> begins;                          // acknowledged trims
  std::uint64_t step = 0;                                                // persisted up to here
};

// One machine: a disk that outlives the power.
class Machine {
 public:
  explicit Machine(bool ack_before_sync) {
    char name[] = "/tmp/iris-power-loss-XXXXXX";
    if (mkdtemp(name) == nullptr) std::abort();
    home_ = name;
    files_ = std::make_shared<FaultyFileSystem>(disk(0));
    options_.partitions = kClientPartitions + 1;
    options_.memtables_bytes_max = 200'000;  // small, so that flushes and compactions are cut too
    options_.wal_bytes_max = 300'000;
    options_.tail_bytes_max = 10'000;
    options_.reader_threads = 1;
    options_.ack_before_sync = ack_before_sync;
  }
  ~Machine() { std::filesystem::remove_all(home_); }

  // What was promised and is not so, in words; empty: all is well.
  std::string round(std::uint64_t seed);
  const FaultyFileSystem& files() const { return *files_; }
  const Promised& promised() const { return promised_; }

 private:
  void run_until_the_power_fails(std::mt19937_64& random);
  std::string check(Database& database);
  std::string check_records(Database& database, std::uint32_t partition);
  std::string check_steps(Database& database);

  std::string disk(int round) const { return home_ + "/" + std::to_string(round); }
  rocks::EngineOptions options() const;

  std::string home_;
  int round_ = 0;
  std::shared_ptr<FaultyFileSystem> files_;
  rocks::EngineOptions options_;
  Promised promised_;
  std::uint64_t next_step_ = 1;
};

// Keeps appends and steps under way on the engine; lives on one loop.
class Load {
 public:
  Load(rocks::Engine& engine, io::Loop& loop, const FaultyFileSystem& files, Promised& promised,
       std::uint64_t next_step, std::uint64_t seed)
      : engine_(engine), loop_(loop), files_(files), promised_(promised), next_step_(next_step), random_(seed) {}

  void begin() {
    for (int i = 0; i < 16; ++i) append();
    for (int i = 0; i < 3; ++i) step();
  }

 private:
  void append() {
    const PartitionId partition{static_cast<std::uint32_t>(random_() % kClientPartitions)};
    std::string record =
        std::to_string(++number_) + ":" + std::string(random_() % 2000, static_cast<char>('a' + random_() % 26));
    engine_.append({partition, record}, loop_, [=, this](base::Result<Offset> offset) {
      if (!offset.ok() || !files_.has_power()) return;  // with power: so it was durable before the cut
      promised_.records[partition.value][offset->value] = record;
      if (random_() % 20 == 0 && offset->value > 50) trim(partition, offset->value - 50);
      append();
    });
  }
  void trim(PartitionId partition, std::int64_t before) {
    engine_.trim(partition, {before}, loop_, [=, this](base::Status status) {
      if (status.ok() && files_.has_power())
        promised_.begins[partition.value] = std::max(promised_.begins[partition.value], before);
    });
  }
  // Step n: an emission, an archive row, "applied" = n, a row that lives for three steps.
  void step() {
    const std::uint64_t n = next_step_++;
    const Stamp stamp{n};
    std::vector<rocks::RowWrite> rows;
    rows.push_back({kArchive, "entity", record::key_of(stamp), std::string(random_() % 3000, 'r'), stamp});
    rows.push_back({kState, "entity", "applied", std::to_string(n), stamp});
    rows.push_back({kState, "entity", "row/" + record::key_of(stamp), "short-lived", stamp});
    if (n > 3) rows.push_back({kState, "entity", "row/" + record::key_of(Stamp{n - 3}), std::nullopt, stamp});
    engine_.step({{kEmissions, std::to_string(n)}}, std::move(rows), loop_, [=, this] {
      if (!files_.has_power()) return;
      promised_.step = n;
      step();
    });
  }

  rocks::Engine& engine_;
  io::Loop& loop_;
  const FaultyFileSystem& files_;
  Promised& promised_;
  std::uint64_t next_step_;
  std::mt19937_64 random_;
  std::uint64_t number_ = 0;
};

rocks::EngineOptions Machine::options() const {
  rocks::EngineOptions options = options_;
  options.directory = disk(round_);
  options.file_system = files_;
  return options;
}

void Machine::run_until_the_power_fails(std::mt19937_64& random) {
  // From now on: opening itself may be cut.
  files_->cut_power_after(random() % 4 == 0 ? random() % 60 : random() % 1500, disk(round_ + 1));
  io::LoopPool pool(1, "power");
  auto engine = rocks::Engine::open(options());
  ASSERT_TRUE(engine.ok()) << engine.error().message;
  Load load(**engine, pool.at(0), *files_, promised_, next_step_, random());
  pool.at(0).post([&] { load.begin(); });
  std::promise<void> dark;
  std::function<void()> look = [&] {
    if (!files_->has_power()) return dark.set_value();
    pool.at(0).after(std::chrono::microseconds(500), [&] { look(); });
  };
  pool.at(0).post([&] { look(); });
  pool.start();
  dark.get_future().wait();
  pool.stop();
}

std::string Machine::round(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  run_until_the_power_fails(random);
  files_ = files_->after_the_cut();
  std::filesystem::remove_all(disk(round_));
  ++round_;
  files_->lose_what_was_not_synced(random);
  auto database = Database::open(options());
  if (!database.ok()) return "does not open again: " + database.error().message;
  return check(**database);
}

std::string Machine::check(Database& database) {
  for (std::uint32_t partition = 0; partition < kClientPartitions; ++partition) {
    if (auto wrong = check_records(database, partition); !wrong.empty()) return wrong;
  }
  return check_steps(database);
}

std::string Machine::check_records(Database& database, std::uint32_t partition) {
  const auto where = [&](std::int64_t offset) {
    return "partition " + std::to_string(partition) + " offset " + std::to_string(offset);
  };
  const auto begin = database.begin_of({partition}), end = database.end_of({partition});
  if (!begin.ok() || !end.ok()) return "bounds cannot be read";
  if (begin->value < promised_.begins[partition]) return "an acknowledged trim is undone in " + where(begin->value);
  const auto found = database.records({partition}, *begin, *end, 1u << 30);
  if (!found.ok()) return found.error().message;
  if (static_cast<std::int64_t>(found->size()) != end->value - begin->value) return "records are missing at the end";
  auto& promised = promised_.records[partition];
  for (const auto& [offset, record] : promised) {
    if (offset < begin->value) continue;
    if (offset >= end->value) return "acknowledged, and lost: " + where(offset);
    if ((*found)[static_cast<std::size_t>(offset - begin->value)].bytes != record)
      return "another record at " + where(offset);
  }
  promised.erase(promised.begin(), promised.lower_bound(begin->value));
  return {};
}

std::string Machine::check_steps(Database& database) {
  const auto applied_row = database.row(kState, "entity", "applied");
  if (!applied_row.ok()) return applied_row.error().message;
  const std::uint64_t applied = *applied_row ? std::stoull((*applied_row)->value) : 0;
  if (applied < promised_.step) return "step " + std::to_string(promised_.step) + " was persisted, and is lost";

  const auto end = database.end_of(kEmissions);
  const auto emissions = database.records(kEmissions, {0}, *end, 1u << 30);
  if (!emissions.ok()) return emissions.error().message;
  if (emissions->size() != applied)
    return std::to_string(emissions->size()) + " emissions of " + std::to_string(applied) + " steps";
  for (std::size_t i = 0; i < emissions->size(); ++i) {
    if ((*emissions)[i].bytes != std::to_string(i + 1))
      return "emission " + std::to_string(i + 1) + " is not in its place";
  }
  const auto rows = database.scan(kArchive, "entity", {.rows_max = 1'000'000});
  if (!rows.ok()) return rows.error().message;
  if (rows->rows.size() != applied)
    return std::to_string(rows->rows.size()) + " archive rows of " + std::to_string(applied) + " steps";

  const auto living = database.scan(kState, "entity", {.from = "row/", .to = "row0"});
  if (!living.ok()) return living.error().message;
  if (living->rows.size() != std::min<std::uint64_t>(applied, 3)) return "a deleted row is back, or a row is missing";
  promised_.step = applied;
  next_step_ = applied + 1;
  return {};
}

TEST(PowerLoss, WhatWasAcknowledgedSurvivesAndStepsAreWhole) {
  const bool full = from_environment("IRIS_FULL", 0) == 1;
  const std::uint64_t first = from_environment("IRIS_SEED", 1);
  const std::uint64_t rounds = from_environment("IRIS_ROUNDS", full ? 3000 : 240);
  std::printf("seeds %llu to %llu\n", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + rounds - 1));
  std::uint64_t bytes_lost = 0, names_lost = 0, steps = 0, records = 0;
  std::unique_ptr<Machine> machine;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    if (i % 10 == 0) machine = std::make_unique<Machine>(false);  // a new one: fresh databases are cut too
    const std::string wrong = machine->round(first + i);
    ASSERT_EQ(wrong, "") << "round with seed " << first + i << " (to repeat: IRIS_SEED=" << first + i - i % 10
                         << " IRIS_ROUNDS=" << i % 10 + 1 << "; threads make it likely, not certain)";
    if (i % 10 != 9 && i + 1 != rounds) continue;
    bytes_lost += machine->files().bytes_lost();
    names_lost += machine->files().names_lost();
    steps += machine->promised().step;
    for (const auto& [partition, promised] : machine->promised().records) records += promised.size();
  }
  std::printf(
      "lost on the way: %llu unsynced bytes, %llu unsynced names; kept: %llu steps, %llu records still in the log\n",
      static_cast<unsigned long long>(bytes_lost), static_cast<unsigned long long>(names_lost),
      static_cast<unsigned long long>(steps), static_cast<unsigned long long>(records));
  EXPECT_GT(bytes_lost, 0u) << "the power cuts took nothing away, so nothing was shown";
  EXPECT_GT(names_lost, 0u);
  EXPECT_GT(steps, rounds);
}

// The test of the test: an engine that answers before its sync must be found out.
TEST(PowerLoss, AnEngineThatAcknowledgesBeforeItsSyncIsFoundOut) {
  std::string wrong;
  std::uint64_t seed = from_environment("IRIS_SEED", 1);
  for (int machines = 0; wrong.empty() && machines < 50; ++machines) {
    Machine machine(true);
    for (int i = 0; wrong.empty() && i < 4; ++i) wrong = machine.round(seed++);
  }
  EXPECT_NE(wrong, "");
  std::printf("found at seed %llu: %s\n", static_cast<unsigned long long>(seed - 1), wrong.c_str());
}

}  // namespace
}  // namespace iris::fault
