#include "io/epoll_loop.h"

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

double busy_seconds(const std::string& loop) {
  for (const auto& metric : base::collect_metrics()) {
    if (metric.name != "iris_loop_busy_seconds_total") continue;
    for (const auto& series : metric.series) {
      if (series.labels.at(0).second == loop) return series.value;
    }
  }
  return -1;
}

TEST(EpollLoop, PostsOfOneThreadRunInTheirOrderAndNeverInside) {
  EpollLoop loop("test");
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

TEST(EpollLoop, TimersRunByTimeAndNotBefore) {
  EpollLoop loop("test");
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

TEST(EpollLoop, ACancelledTimerDoesNotRun) {
  EpollLoop loop("test");
  bool ran = false;
  const TimerId doomed = loop.after(milliseconds(1), [&] { ran = true; });
  loop.cancel(doomed);
  loop.cancel(doomed);
  loop.cancel({});
  loop.after(milliseconds(20), [&] { loop.stop(); });
  loop.run();
  EXPECT_FALSE(ran);
}

TEST(EpollLoop, ATimerMayCancelItsNeighbourDueAtTheSameTime) {
  EpollLoop loop("test");
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

TEST(EpollLoop, ATimerForAtOnceThatSetsItselfAgainDoesNotHoldTheLoop) {
  EpollLoop loop("test");
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

TEST(EpollLoop, KnowsItsThread) {
  LoopPool pool(2);
  pool.start();
  std::promise<std::pair<bool, bool>> answer;
  pool.at(0).post([&] { answer.set_value({pool.at(0).on_this_thread(), pool.at(1).on_this_thread()}); });
  EXPECT_EQ(answer.get_future().get(), (std::pair{true, false}));
  EXPECT_FALSE(pool.at(0).on_this_thread());
}

TEST(EpollLoop, PendingCallsEndWithTheLoopAndMayStillTouchIt) {
  struct Probe {
    EpollLoop& loop;
    TimerId timer;
    ~Probe() {
      loop.cancel(timer);
      loop.post([] {});
      loop.after(milliseconds(1), [] {});
    }
  };
  std::weak_ptr<Probe> posted, timed;
  {
    EpollLoop loop("test");
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

TEST(EpollLoop, CountsItsBusyTime) {
  EpollLoop loop("busy-test");
  const SteadyTime begin = loop.clock().steady();
  loop.post([&] {
    while (loop.clock().steady() - begin < milliseconds(100)) {}
  });
  loop.after(milliseconds(600), [&] { loop.stop(); });
  loop.run();
  EXPECT_GT(busy_seconds("busy-test"), 0.001);
  EXPECT_LT(busy_seconds("busy-test"), 0.5);
}

TEST(EpollLoop, WakesForEachPostOfAnotherThread) {
  LoopPool pool(2);
  pool.start();
  std::promise<int> done;
  int turns = 0;
  // Each loop sleeps when the other posts.
  std::function<void()> ping = [&] {
    if (++turns == 2000) return done.set_value(turns);
    pool.at(1).post([&] { pool.at(0).post([&] { ping(); }); });
  };
  pool.at(0).post([&] { ping(); });
  EXPECT_EQ(done.get_future().get(), 2000);
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
  EpollLoop loop("test");
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

TEST_F(FdWatchTest, APeerThatIsGoneIsToldOfOnceToWhoWaits) {
  EpollLoop loop("test");
  FdWatch watch(loop, ends_[0]);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  shutdown(ends_[1], SHUT_RDWR);
  int calls = 0;
  watch.when_readable([&] { ++calls; });
  const SteadyTime begin = loop.clock().steady();
  loop.after(milliseconds(100), [&] { watch.when_writable([&] { loop.stop(); }); });
  loop.run();
  EXPECT_EQ(calls, 1);
  EXPECT_GE(loop.clock().steady() - begin, milliseconds(100));
}

TEST_F(FdWatchTest, WhoNeedNotWaitDoesNotKeepTheLoopBusy) {
  EpollLoop loop("idle-test");
  FdWatch watch(loop, ends_[0]);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  watch.when_readable([] {});  // the byte stays unread, and nobody waits for it any longer
  watch.when_writable([] {});
  loop.after(milliseconds(600), [&] { loop.stop(); });
  loop.run();
  EXPECT_LT(busy_seconds("idle-test"), 0.1);
}

TEST_F(FdWatchTest, BothKindsAreTold) {
  EpollLoop loop("test");
  FdWatch watch(loop, ends_[0]);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  int left = 2;
  const auto one = [&] {
    if (--left == 0) loop.stop();
  };
  watch.when_readable(one);
  watch.when_writable(one);
  loop.run();
  EXPECT_EQ(left, 0);
}

TEST_F(FdWatchTest, AWatchMayEndItselfAndAnotherThatIsDueWithIt) {
  EpollLoop loop("test");
  int more[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, more), 0);
  auto first = std::make_unique<FdWatch>(loop, ends_[0]);
  auto second = std::make_unique<FdWatch>(loop, more[0]);
  int calls = 0;
  const auto end_both = [&] {
    ++calls;
    first.reset();
    second.reset();
    loop.after(milliseconds(20), [&] { loop.stop(); });
  };
  first->when_readable(end_both);
  second->when_readable(end_both);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  ASSERT_EQ(write(more[1], "x", 1), 1);
  loop.run();
  EXPECT_EQ(calls, 1);
  close(more[0]);
  close(more[1]);
}

TEST_F(FdWatchTest, AfterItsEndNothingIsCalledAndAnotherLoopMayWatch) {
  EpollLoop first("first"), second("second");
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
