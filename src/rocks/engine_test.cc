#include "rocks/engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "io/loop_pool.h"

namespace iris::rocks {
namespace {

using base::Errc;
using base::Offset;
using base::Result;

class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    char name[] = "/tmp/iris-engine-test-XXXXXX";
    if (mkdtemp(name) == nullptr) std::abort();
    options_.directory = name;
    options_.partitions = 4;
  }
  ~EngineTest() override {
    pool_.stop();
    engine_.reset();
    std::filesystem::remove_all(options_.directory);
  }
  void open() {
    auto engine = Engine::open(options_);
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    engine_ = std::move(*engine);
    pool_.start();
  }
  static double count_of(const std::string& metric) {
    for (const auto& one : base::collect_metrics()) {
      if (one.name == metric) return static_cast<double>(one.series.at(0).count);
    }
    return -1;
  }

  EngineOptions options_;
  io::LoopPool pool_{2, "engine-test"};
  std::unique_ptr<Engine> engine_;
};

TEST_F(EngineTest, NobodyElseMayReadTheDatabase) {
  namespace fs = std::filesystem;
  fs::permissions(options_.directory, fs::perms(0755));
  fs::create_directory(options_.directory + "/db");  // as earlier versions left it
  fs::permissions(options_.directory + "/db", fs::perms(0755));
  open();
  EXPECT_EQ(fs::status(options_.directory + "/db").permissions(), fs::perms::owner_all);
}

TEST_F(EngineTest, WhenItIsQuietMemtablesAreWrittenOut) {
  options_.quiet = 1ms;
  options_.quiet_memtables_bytes = 0;
  open();
  std::promise<void> appended;
  engine_->append({{0}, "record"}, pool_.at(0), [&](const Result<Offset>&) { appended.set_value(); });
  appended.get_future().wait();
  const auto has_table = [&] {
    for (const auto& file : std::filesystem::directory_iterator(options_.directory + "/db"))
      if (file.path().extension() == ".sst") return true;
    return false;
  };
  std::promise<void> seen;  // the test's time limit is the deadline
  std::function<void()> look = [&] {
    if (has_table()) return seen.set_value();
    pool_.at(0).after(1ms, look);
  };
  pool_.at(0).post(look);
  seen.get_future().wait();
}

TEST_F(EngineTest, ManyAppendsShareOneSync) {
  open();
  const double before = count_of("iris_log_group_operations");
  std::promise<void> finished;
  constexpr int kAppends = 5000;
  int answered = 0;
  pool_.at(0).post([&] {
    for (int i = 0; i < kAppends; ++i) {
      engine_->append({{static_cast<std::uint32_t>(i % 4)}, "record"}, pool_.at(0), [&](Result<Offset> offset) {
        EXPECT_TRUE(offset.ok());
        if (++answered == kAppends) finished.set_value();
      });
    }
  });
  finished.get_future().wait();
  const double groups = count_of("iris_log_group_operations") - before;
  EXPECT_GE(groups, 1);
  EXPECT_LT(groups, kAppends / 10);
}

TEST_F(EngineTest, OverTheBoundedQueueAppendsAreRefusedAndStepsAreNot) {
  options_.queue_bytes_max = 100'000;
  options_.group_bytes_max = 1000;
  open();
  std::promise<void> finished;
  int done = 0, refused = 0, steps = 0;
  const auto note = [&] {
    if (++done == 600) finished.set_value();
  };
  pool_.at(0).post([&] {
    for (int i = 0; i < 300; ++i) {
      engine_->append({{0}, std::string(2000, 'x')}, pool_.at(0), [&](Result<Offset> offset) {
        if (!offset.ok()) {
          EXPECT_EQ(offset.error().code, Errc::overloaded);
          ++refused;
        }
        note();
      });
      engine_->step({{{1}, "emission"}}, {}, pool_.at(0), [&] {
        ++steps;
        note();
      });
    }
  });
  finished.get_future().wait();
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 300);
  EXPECT_EQ(steps, 300);
  EXPECT_EQ(engine_->bounds({1}).end.value, 300);
  EXPECT_EQ(engine_->bounds({0}).end.value, 300 - refused);
}

TEST_F(EngineTest, OneStepFeedsTheFetchThatWaitsForIt) {
  open();
  std::promise<std::size_t> got;
  pool_.at(1).post([&] {
    engine_->fetch({2}, {{0}, 1000, &pool_.at(1), [&](Result<std::vector<LoggedRecord>> records) {
                           got.set_value(records.ok() ? records->size() : 0);
                         }});
    engine_->step({{{2}, "one"}, {{2}, "two"}}, {}, pool_.at(0), [] {});
  });
  EXPECT_EQ(got.get_future().get(), 2u);  // both at once: they became durable at once
}

}  // namespace
}  // namespace iris::rocks
