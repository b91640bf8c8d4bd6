// The engine on a disk that is full, or fails for a while: new work is refused with an honest error, accepted work
// waits, what was acknowledged stays, and all goes on by itself when the disk does.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "faulty_file_system.h"
#include "io/loop_pool.h"
#include "rocks/engine.h"

namespace iris::fault {
namespace {

using base::Errc;
using base::Offset;
using base::Result;
using Failure = FaultyFileSystem::Failure;

class DiskError : public testing::Test {
 protected:
  DiskError() {
    char name[] = "/tmp/iris-disk-error-XXXXXX";
    if (mkdtemp(name) == nullptr) std::abort();
    options_.directory = name;
    options_.partitions = 2;
    options_.memtables_bytes_max = 200'000;  // small, so that flushes fail too
    options_.wal_bytes_max = 300'000;
    options_.recovery_interval = std::chrono::milliseconds(20);
    options_.free_check_interval = std::chrono::microseconds(1);
    options_.free_bytes = [this] { return free_bytes_.load(); };
    files_ = std::make_shared<FaultyFileSystem>(name);
    options_.file_system = files_;
    pool_.start();
    open();
  }
  ~DiskError() override {
    engine_.reset();
    pool_.stop();
    std::filesystem::remove_all(options_.directory);
  }
  void open() {
    engine_.reset();
    auto engine = rocks::Engine::open(options_);
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    engine_ = std::move(*engine);
  }
  template <typename T>
  Result<T> wait_for(std::function<void(std::function<void(Result<T>)>)> ask) {
    auto answer = std::make_shared<std::promise<Result<T>>>();
    loop().post([=] { ask([=](Result<T> result) { answer->set_value(std::move(result)); }); });
    return answer->get_future().get();
  }
  Result<Offset> append(std::string record) {
    return wait_for<Offset>([=, this](auto done) { engine_->append({{0}, record}, loop(), done); });
  }
  // Begins a step; the future is ready when it is durable.
  std::shared_future<void> step(std::string record) {
    auto done = std::make_shared<std::promise<void>>();
    loop().post([=, this] {
      engine_->step({{{1}, record}}, {{0, "entity", "row", record, {++stamp_}}}, loop(), [done] { done->set_value(); });
    });
    return done->get_future().share();
  }
  std::vector<std::string> records(std::uint32_t partition) {
    std::vector<std::string> out;
    const auto bounds = engine_->bounds({partition});
    for (auto at = bounds.begin.value; at < bounds.end.value;) {
      auto found = wait_for<std::vector<rocks::LoggedRecord>>([=, this](auto done) {
        engine_->fetch({partition}, {{at}, 1u << 20, &loop(), done});
      });
      EXPECT_TRUE(found.ok());
      if (!found.ok()) break;
      for (auto& record : *found) out.push_back(record.bytes);
      at += static_cast<std::int64_t>(found->size());
    }
    return out;
  }
  io::Loop& loop() { return pool_.at(0); }
  static bool waits(const std::shared_future<void>& step) {
    return step.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout;
  }

  rocks::EngineOptions options_;
  std::atomic<std::uint64_t> free_bytes_ = std::uint64_t{1} << 40;
  std::shared_ptr<FaultyFileSystem> files_;
  io::LoopPool pool_{1, "disk-error"};
  std::unique_ptr<rocks::Engine> engine_;
  std::uint64_t stamp_ = 0;
};

class DiskFails : public DiskError, public testing::WithParamInterface<Failure> {};
INSTANTIATE_TEST_SUITE_P(Kinds, DiskFails, testing::Values(Failure::no_space, Failure::io_error),
                         [](const auto& test) { return test.param == Failure::no_space ? "NoSpace" : "IoError"; });

TEST_P(DiskFails, AppendsAreRefusedStepsWaitAndAllRecovers) {
  std::vector<std::string> acknowledged;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(append("before " + std::to_string(i)).ok());
    acknowledged.push_back("before " + std::to_string(i));
  }
  files_->fail(GetParam());
  // On its way when it happens: it may come to be there or not.
  const auto first = append("on its way");
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().code, Errc::unknown_outcome);
  const auto waiting = step("accepted");
  const auto behind = step("accepted, too");
  for (int i = 0; i < 20; ++i) {
    const auto refused = append("refused");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, GetParam() == Failure::no_space ? Errc::no_space : Errc::unavailable);
  }
  EXPECT_TRUE(waits(waiting));
  EXPECT_EQ(wait_for<std::optional<rocks::FoundRow>>([this](auto done) {
              engine_->read(0, "entity", "row", loop(), done);
            }).ok(),
            true)
      << "reads go on";
  files_->fail(Failure::none);
  waiting.wait();
  behind.wait();
  Result<Offset> after = append("after");
  while (!after.ok()) after = append("after");
  acknowledged.push_back("after");

  const auto check = [&] {
    auto found = records(0);
    std::erase(found, "on its way");
    EXPECT_EQ(found, acknowledged);
    const auto steps = records(1);
    EXPECT_EQ(steps.front(), "accepted");
    EXPECT_EQ(steps.back(), "accepted, too");  // each at least once, in order: sources drop doubles (rule S1)
  };
  check();
  open();
  check();
}

TEST_F(DiskError, FailingAgainAndAgainLosesNothingAcknowledged) {
  std::vector<std::string> acknowledged;
  std::shared_future<void> last;
  for (int round = 0; round < 30; ++round) {
    for (int i = 0; i < 10; ++i) {
      const std::string record = std::to_string(round) + "." + std::to_string(i) + std::string(7000, 'x');
      if (i == 4) files_->fail(round % 2 == 0 ? Failure::no_space : Failure::io_error);
      if (i == 7) files_->fail(Failure::none);
      if (append(record).ok()) acknowledged.push_back(record);
    }
    last = step(std::to_string(round));
    last.wait();
  }
  const auto check = [&] {
    const auto found = records(0);
    std::size_t next = 0;
    for (const auto& record : found) next += next < acknowledged.size() && record == acknowledged[next];
    EXPECT_EQ(next, acknowledged.size()) << "missing or out of order: "
                                         << acknowledged[std::min(next, acknowledged.size() - 1)].substr(0, 10);
  };
  EXPECT_GT(acknowledged.size(), 100u);
  check();
  std::mt19937_64 random(5);
  engine_.reset();
  files_->lose_what_was_not_synced(random);  // and what was written after a failure is as durable as before it
  open();
  check();
}

TEST_F(DiskError, BelowTheReserveClientsAreRefusedAndStepsStillGo) {
  ASSERT_TRUE(append("before").ok());
  free_bytes_ = options_.free_bytes_min - 1;
  const auto refused = append("refused");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::no_space);
  step("accepted earlier").wait();
  EXPECT_TRUE(wait_for<base::Unit>([this](auto done) { engine_->trim({0}, {1}, loop(), done); }).ok());
  free_bytes_ = std::uint64_t{1} << 40;
  EXPECT_TRUE(append("after").ok());
  EXPECT_EQ(records(0), std::vector<std::string>{"after"});
}

TEST_F(DiskError, AnotherNumberOfPartitionsIsRefusedWithAdvice) {
  engine_.reset();
  auto other = options_;
  other.partitions = 3;
  const auto engine = rocks::Engine::open(other);
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().code, Errc::invalid);
  EXPECT_NE(engine.error().message.find("partitions = 2"), std::string::npos) << engine.error().message;
  EXPECT_NE(engine.error().message.find("set it back"), std::string::npos);
}

TEST_F(DiskError, ASecondServerOnTheSameDirectoryIsRefused) {
  const auto engine = rocks::Engine::open(options_);
  ASSERT_FALSE(engine.ok());
  EXPECT_NE(engine.error().message.find("another server"), std::string::npos) << engine.error().message;
}

}  // namespace
}  // namespace iris::fault
