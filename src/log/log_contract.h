// What every Log promises (log/log.h), as tests, one sentence each.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "log/log.h"

namespace iris::log {

// How the suite sees an implementation. Made per test; 4 partitions.
class LogWorld {
 public:
  virtual ~LogWorld() = default;
  virtual Log& log() = 0;
  virtual io::Loop& loop(std::uint32_t number) = 0;  // 0 and 1
  // Runs until `done` says so, which is asked on loop 0; false if that does not come to pass.
  virtual bool run_until(std::function<bool()> done) = 0;
  // Runs for a while in which anything that is to happen would.
  virtual void run_a_while() = 0;
  // Makes appends fail, some of them, from now on or no longer.
  virtual void fail_appends(bool on) = 0;
  // What was durable stays, all else is gone; loops are new ones.
  virtual void restart() = 0;
};

struct LogImplementation {
  std::string name;
  std::function<std::unique_ptr<LogWorld>()> make;
};

class LogContract : public testing::TestWithParam<LogImplementation> {
 protected:
  void SetUp() override { world_ = GetParam().make(); }

  Log& log() { return world_->log(); }
  io::Loop& loop(std::uint32_t number = 0) { return world_->loop(number); }

  // Runs `ask` on a loop and waits for what its completion is called with.
  template <typename T>
  Result<T> wait_for(std::function<void(Callback<void(Result<T>)>)> ask, std::uint32_t on = 0) {
    auto result = std::make_shared<std::optional<Result<T>>>();
    auto other = std::make_shared<std::optional<Result<T>>>();  // filled on `on`, handed over to loop 0
    loop(on).post([this, ask = std::move(ask), result, other] {
      ask([this, result, other](Result<T> got) {
        *other = std::move(got);
        loop(0).post([result, other] { *result = std::move(*other); });
      });
    });
    EXPECT_TRUE(world_->run_until([&] { return result->has_value(); }));
    if (!result->has_value()) return base::Error{base::Errc::unavailable, "no completion"};
    return std::move(**result);
  }

  Result<Offset> append(std::uint32_t partition, std::string record, std::uint32_t on = 0) {
    return wait_for<Offset>([=, this](auto done) { log().append({partition}, record, loop(on), std::move(done)); }, on);
  }
  Result<std::vector<LogRecord>> fetch(std::uint32_t partition, std::int64_t from, std::size_t bytes_max = 1 << 20) {
    return wait_for<std::vector<LogRecord>>(
        [=, this](auto done) { log().fetch({partition}, {from}, bytes_max, loop(), std::move(done)); });
  }
  Result<Bounds> bounds(std::uint32_t partition) {
    return wait_for<Bounds>([=, this](auto done) { log().bounds({partition}, loop(), std::move(done)); });
  }
  Status trim(std::uint32_t partition, std::int64_t before) {
    return wait_for<base::Unit>([=, this](auto done) { log().trim({partition}, {before}, loop(), std::move(done)); });
  }
  // Everything from `from` on, by as many fetches as it takes.
  std::vector<LogRecord> all(std::uint32_t partition, std::int64_t from = 0, std::size_t bytes_max = 1 << 20) {
    const auto limits = bounds(partition);
    std::vector<LogRecord> out;
    while (limits.ok() && from + static_cast<std::int64_t>(out.size()) < limits->end.value) {
      auto batch = fetch(partition, from + static_cast<std::int64_t>(out.size()), bytes_max);
      EXPECT_TRUE(batch.ok());
      if (!batch.ok()) break;
      EXPECT_FALSE(batch->empty());
      for (auto& record : *batch) out.push_back(std::move(record));
    }
    return out;
  }

  std::unique_ptr<LogWorld> world_;
};

TEST_P(LogContract, TheFirstOffsetIsZeroAndTheyFollowOneAnother) {
  EXPECT_EQ(log().partitions(), 4u);
  for (std::int64_t i = 0; i < 5; ++i) {
    const auto offset = append(1, "record " + std::to_string(i));
    ASSERT_TRUE(offset.ok());
    EXPECT_EQ(offset->value, i);
  }
}

TEST_P(LogContract, WhatIsAcknowledgedIsInTheLog) {
  ASSERT_TRUE(append(0, "hello").ok());
  const auto records = fetch(0, 0);
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 1u);
  EXPECT_EQ(records->front().bytes, "hello");
  EXPECT_EQ(records->front().offset.value, 0);
  EXPECT_GT(records->front().append_time.time_since_epoch().count(), 1'600'000'000'000'000);  // T1: a time of day
}

TEST_P(LogContract, AppendsFromOneLoopAppearInTheOrderOfTheCalls) {
  constexpr int kRecords = 3000;
  auto answered = std::make_shared<std::vector<Offset>>();
  loop().post([this, answered] {
    for (int i = 0; i < kRecords; ++i) {
      log().append({2}, std::to_string(i), loop(), [answered](Result<Offset> offset) {
        ASSERT_TRUE(offset.ok());
        answered->push_back(*offset);
      });
    }
  });
  ASSERT_TRUE(world_->run_until([&] { return answered->size() == kRecords; }));
  EXPECT_TRUE(std::is_sorted(answered->begin(), answered->end()));
  const auto records = all(2);
  ASSERT_EQ(records.size(), static_cast<std::size_t>(kRecords));
  for (int i = 0; i < kRecords; ++i) ASSERT_EQ(records[static_cast<std::size_t>(i)].bytes, std::to_string(i));
}

TEST_P(LogContract, PartitionsAreApart) {
  ASSERT_TRUE(append(0, "zero").ok());
  const auto offset = append(3, "three");
  ASSERT_TRUE(offset.ok());
  EXPECT_EQ(offset->value, 0);
  EXPECT_EQ(all(3).front().bytes, "three");
  EXPECT_EQ(bounds(1)->end.value, 0);
}

TEST_P(LogContract, CompletionsRunOnTheNamedLoopAndNeverInsideTheCall) {
  struct Seen {
    bool on_loop = false, inside = true, ran_inside = false, ran = false;
  };
  auto seen = std::make_shared<Seen>();
  loop(1).post([this, seen] {
    log().append({0}, "x", loop(1), [this, seen](Result<Offset>) {
      seen->ran_inside = seen->inside;
      seen->on_loop = loop(1).on_this_thread();
      loop(0).post([seen] { seen->ran = true; });
    });
    seen->inside = false;
  });
  ASSERT_TRUE(world_->run_until([&] { return seen->ran; }));
  EXPECT_FALSE(seen->ran_inside);
  EXPECT_TRUE(seen->on_loop);

  auto fetched = std::make_shared<Seen>();
  loop(0).post([this, fetched] {
    log().fetch({0}, {0}, 100, loop(0), [fetched](Result<std::vector<LogRecord>>) {
      fetched->ran_inside = fetched->inside;
      fetched->ran = true;
    });
    fetched->inside = false;
  });
  ASSERT_TRUE(world_->run_until([&] { return fetched->ran; }));
  EXPECT_FALSE(fetched->ran_inside);
}

TEST_P(LogContract, FetchWaitsUntilARecordIsDurable) {
  auto got = std::make_shared<std::vector<LogRecord>>();
  loop().post([this, got] {
    log().fetch({1}, {0}, 100, loop(), [got](Result<std::vector<LogRecord>> records) {
      ASSERT_TRUE(records.ok());
      *got = *records;
    });
  });
  world_->run_a_while();
  ASSERT_TRUE(append(0, "to another partition").ok());
  auto empty = std::make_shared<std::optional<bool>>();
  loop().post([=] { *empty = got->empty(); });
  ASSERT_TRUE(world_->run_until([&] { return empty->has_value(); }));
  EXPECT_TRUE(**empty);
  ASSERT_TRUE(append(1, "it").ok());
  ASSERT_TRUE(world_->run_until([&] { return got->size() == 1; }));
}

TEST_P(LogContract, FetchGivesAtLeastOneAndAboutBytesMax) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(0, std::string(1000, static_cast<char>('a' + i))).ok());
  EXPECT_EQ(fetch(0, 3, 1)->size(), 1u);
  EXPECT_EQ(fetch(0, 3, 1)->front().bytes[0], 'd');
  EXPECT_LE(fetch(0, 0, 5500)->size(), 6u);
  EXPECT_EQ(all(0, 0, 5500).size(), 20u);
}

TEST_P(LogContract, FetchBeyondTheEndIsNotFound) {
  ASSERT_TRUE(append(0, "one").ok());
  const auto records = fetch(0, 2);
  ASSERT_FALSE(records.ok());
  EXPECT_EQ(records.error().code, base::Errc::not_found);
}

TEST_P(LogContract, TrimmedRecordsAreNotFoundAndTheRestStays) {
  for (int i = 0; i < 2000; ++i) {
    loop().post([this, i] { log().append({0}, std::to_string(i), loop(), [](Result<Offset>) {}); });
  }
  ASSERT_TRUE(append(0, "2000").ok());
  ASSERT_TRUE(trim(0, 1200).ok());
  EXPECT_EQ(bounds(0)->begin.value, 1200);
  EXPECT_EQ(bounds(0)->end.value, 2001);
  EXPECT_EQ(fetch(0, 1199).error().code, base::Errc::not_found);
  EXPECT_EQ(fetch(0, 1200)->front().bytes, "1200");
  EXPECT_EQ(all(0, 1200).size(), 801u);
}

TEST_P(LogContract, TrimmingNeverGoesBackOrBeyondTheEnd) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(append(0, "x").ok());
  ASSERT_TRUE(trim(0, 6).ok());
  ASSERT_TRUE(trim(0, 2).ok());
  EXPECT_EQ(bounds(0)->begin.value, 6);
  ASSERT_TRUE(trim(0, 100).ok());
  EXPECT_EQ(bounds(0)->begin.value, 10);
  EXPECT_EQ(append(0, "next").value().value, 10);  // offsets are never given twice
}

TEST_P(LogContract, WhatIsAcknowledgedSurvivesARestartWithItsOffset) {
  for (int i = 0; i < 700; ++i) {
    loop().post([this, i] { log().append({0}, std::to_string(i), loop(), [](Result<Offset>) {}); });
  }
  ASSERT_TRUE(append(0, "700").ok());
  ASSERT_TRUE(append(1, "trimmed").ok());
  ASSERT_TRUE(trim(0, 600).ok());
  ASSERT_TRUE(trim(1, 1).ok());
  world_->restart();
  EXPECT_EQ(bounds(0)->begin.value, 600);
  EXPECT_EQ(bounds(0)->end.value, 701);
  EXPECT_EQ(fetch(0, 650)->front().bytes, "650");
  EXPECT_EQ(append(0, "after").value().value, 701);
  EXPECT_EQ(append(1, "after").value().value, 1);
}

// The sentence on which every caller's order rests: "if one of them fails, all later ones that were already made to
// that partition from that loop fail too", so that making them again, in order, keeps the order.
TEST_P(LogContract, WhatFailsIsASuffixAndMakingItAgainKeepsTheOrder) {
  struct Caller {
    std::vector<int> failed;
    int under_way = 0, durable = 0, rounds = 0;
    int next = 0;
  };
  auto caller = std::make_shared<Caller>();
  constexpr int kRecords = 500;
  world_->fail_appends(true);
  // Sends all that is left; when the answers to all have come, sends again what failed. A success after a failure in
  // one round breaks the contract.
  auto round = std::make_shared<std::function<void(std::vector<int>)>>();
  *round = [this, caller, round](std::vector<int> records) {
    ++caller->rounds;
    caller->under_way = static_cast<int>(records.size());
    for (const int record : records) {
      log().append({0}, std::to_string(record), loop(), [=, this](Result<Offset> offset) {
        if (offset.ok()) {
          EXPECT_TRUE(caller->failed.empty()) << record << " is in the log, behind one that failed";
          ++caller->durable;
        } else {
          caller->failed.push_back(record);
        }
        if (--caller->under_way > 0) return;
        if (caller->rounds > 20) world_->fail_appends(false);
        if (!caller->failed.empty()) loop().post([=] { (*round)(std::exchange(caller->failed, {})); });
      });
    }
  };
  loop().post([=] {
    std::vector<int> records(kRecords);
    for (int i = 0; i < kRecords; ++i) records[static_cast<std::size_t>(i)] = i;
    (*round)(records);
  });
  ASSERT_TRUE(world_->run_until([&] { return caller->durable == kRecords; }));
  *round = nullptr;
  EXPECT_GT(caller->rounds, 1) << "nothing failed, so nothing was shown";
  // Each for the first time in order; one of unknown outcome may be there twice.
  int expected = 0;
  for (const auto& record : all(0)) {
    const int number = std::stoi(record.bytes);
    EXPECT_LE(number, expected);
    if (number == expected) ++expected;
  }
  EXPECT_EQ(expected, kRecords);
}

}  // namespace iris::log
