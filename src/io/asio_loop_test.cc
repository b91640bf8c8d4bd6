#include "io/asio_loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "base/metrics.h"
#include "io/fd_watch.h"
#include "io/loop_pool.h"
#include "io/system_random.h"

namespace iris::io {
namespace {

using std::chrono::milliseconds;

TEST(AsioLoop, PostsOfOneThreadRunInTheirOrderAndNeverInside) {
  AsioLoop loop("test");
  std::vector<int> order;
  loop.post([&] {
    loop.post([&] {
      order.push_back(3);
      loop.stop();
    });
    order.push_back(1);
  });
  loop.post([&] { order.push_back(2); });
  EXPECT_TRUE(order.empty());
  loop.run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(AsioLoop, TimersRunByTimeAndNotBefore) {
  AsioLoop loop("test");
  std::vector<int> order;
  const SteadyTime begin = loop.clock().steady();
  loop.after(milliseconds(30), [&] {
    order.push_back(2);
    EXPECT_GE(loop.clock().steady() - begin, milliseconds(30));
    loop.stop();
  });
  loop.after(milliseconds(10), [&] { order.push_back(1); });
  loop.run();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(AsioLoop, ACancelledTimerDoesNotRun) {
  AsioLoop loop("test");
  bool ran = false;
  const TimerId doomed = loop.after(milliseconds(1), [&] { ran = true; });
  loop.cancel(doomed);
  loop.cancel(doomed);
  loop.cancel({});
  loop.after(milliseconds(20), [&] { loop.stop(); });
  loop.run();
  EXPECT_FALSE(ran);
}

TEST(AsioLoop, ATimerMayCancelItsNeighbourDueAtTheSameTime) {
  AsioLoop loop("test");
  int ran = 0;
  TimerId second{};
  loop.after(milliseconds(1), [&] {
    ++ran;
    loop.cancel(second);
  });
  second = loop.after(milliseconds(1), [&] { ++ran; });
  loop.after(milliseconds(20), [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(ran, 1);
}

TEST(AsioLoop, ATimerForAtOnceThatSetsItselfAgainDoesNotHoldTheLoop) {
  AsioLoop loop("test");
  std::uint64_t turns = 0;
  std::function<void()> again = [&] {
    ++turns;
    loop.after(Duration(0), [&] { again(); });
  };
  again();
  loop.after(milliseconds(5), [&] { loop.post([&] { loop.stop(); }); });
  loop.run();
  EXPECT_GT(turns, 1u);
}

TEST(AsioLoop, KnowsItsThread) {
  LoopPool pool(2);
  pool.start();
  std::promise<std::pair<bool, bool>> answer;
  pool.at(0).post([&] { answer.set_value({pool.at(0).on_this_thread(), pool.at(1).on_this_thread()}); });
  EXPECT_EQ(answer.get_future().get(), (std::pair{true, false}));
  EXPECT_FALSE(pool.at(0).on_this_thread());
}

TEST(AsioLoop, PendingCallsEndWithTheLoopAndMayStillTouchIt) {
  struct Probe {
    AsioLoop& loop;
    TimerId timer;
    ~Probe() {
      loop.cancel(timer);
      loop.post([] {});
      loop.after(milliseconds(1), [] {});
    }
  };
  std::weak_ptr<Probe> posted, timed;
  {
    AsioLoop loop("test");
    auto a = std::make_shared<Probe>(loop, loop.after(milliseconds(1), [] {}));
    auto b = std::make_shared<Probe>(loop, loop.after(milliseconds(1), [] {}));
    posted = a;
    timed = b;
    loop.post([a = std::move(a)] {});
    loop.after(milliseconds(1), [b = std::move(b)] {});
    EXPECT_FALSE(posted.expired());
  }
  EXPECT_TRUE(posted.expired());
  EXPECT_TRUE(timed.expired());
}

TEST(AsioLoop, CountsItsBusyTime) {
  AsioLoop loop("busy-test");
  const SteadyTime begin = loop.clock().steady();
  loop.post([&] {
    while (loop.clock().steady() - begin < milliseconds(100)) {}
  });
  loop.after(milliseconds(600), [&] { loop.stop(); });
  loop.run();
  double busy = -1;
  for (const auto& metric : base::collect_metrics()) {
    if (metric.name != "iris_loop_busy_seconds_total") continue;
    for (const auto& series : metric.series) {
      if (series.labels.at(0).second == "busy-test") busy = series.value;
    }
  }
  EXPECT_GT(busy, 0.001);
  EXPECT_LT(busy, 0.5);
}

class SocketPair : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_), 0); }
  void TearDown() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  int ends_[2];
};
using FdWatchTest = SocketPair;

TEST_F(FdWatchTest, TellsOfReadinessOncePerWait) {
  AsioLoop loop("test");
  FdWatch watch(loop, ends_[0]);
  int calls = 0;
  watch.when_readable([&] {
    ++calls;
    watch.when_readable([&] {
      ++calls;
      loop.stop();
    });  // the byte is still there: readiness is a level
  });
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  loop.run();
  EXPECT_EQ(calls, 2);
}

TEST_F(FdWatchTest, AfterItsEndNothingIsCalledAndAnotherLoopMayWatch) {
  AsioLoop first("first"), second("second");
  auto watch = std::make_unique<FdWatch>(first, ends_[0]);
  watch->when_readable([] { FAIL() << "of a watch that has ended"; });
  watch->when_writable([] { FAIL() << "of a watch that has ended"; });
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  first.post([&] {
    watch.reset();
    FdWatch other(second, ends_[0]);
    bool told = false;
    other.when_readable([&] {
      told = true;
      second.stop();
    });
    second.run();
    EXPECT_TRUE(told);
    first.post([&] { first.stop(); });
  });
  first.run();
}

TEST(SystemRandom, DiffersAlsoBetweenThreads) {
  std::vector<std::uint64_t> numbers(128);
  for (auto& n : numbers) n = system_random().next();
  std::jthread([&] {
    for (int i = 0; i < 64; ++i) numbers.push_back(system_random().next());
  }).join();
  std::ranges::sort(numbers);
  EXPECT_EQ(std::ranges::adjacent_find(numbers), numbers.end());
}

}  // namespace
}  // namespace iris::io
