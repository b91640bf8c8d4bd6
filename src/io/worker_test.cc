#include "io/worker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <vector>

namespace iris::io {
namespace {

TEST(Worker, OneThreadKeepsTheOrderAndStopRunsWhatIsQueued) {
  std::vector<int> order;
  Worker worker({});
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(worker.try_post([&order, i] { order.push_back(i); }));
  worker.stop();
  ASSERT_EQ(order.size(), 1000u);
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_FALSE(worker.try_post([] {}));
}

TEST(Worker, AFullQueueRefusesAndLeavesTheCallToItsOwner) {
  std::promise<void> running, go;
  Worker worker({.queue_max = 2});
  ASSERT_TRUE(worker.try_post([&] {
    running.set_value();
    go.get_future().wait();
  }));
  running.get_future().wait();
  ASSERT_TRUE(worker.try_post([] {}));
  ASSERT_TRUE(worker.try_post([] {}));
  EXPECT_EQ(worker.depth(), 2u);
  bool ran = false;
  base::Callback<void()> call = [&] { ran = true; };
  EXPECT_FALSE(worker.try_post(std::move(call)));
  ASSERT_TRUE(call);
  call();
  EXPECT_TRUE(ran);
  go.set_value();
}

TEST(Worker, SeveralThreadsWorkAtOnce) {
  std::promise<void> first, second;
  Worker worker({.threads = 2});
  ASSERT_TRUE(worker.try_post([&] {
    first.set_value();
    second.get_future().wait();
  }));
  ASSERT_TRUE(worker.try_post([&] {
    second.set_value();
    first.get_future().wait();
  }));
  worker.stop();  // would hang with one thread
}

}  // namespace
}  // namespace iris::io
