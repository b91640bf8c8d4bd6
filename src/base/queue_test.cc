#include "base/queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>

namespace iris::base {
namespace {

TEST(Queue, is_one_pointer) { EXPECT_EQ(sizeof(Queue<std::string>), sizeof(void*)); }

TEST(Queue, gives_out_what_was_put_in_in_order) {
  Queue<std::string> queue;
  std::deque<std::string> wanted;
  unsigned chance = 1;
  for (int i = 0; i < 20000; ++i) {
    chance = chance * 1664525u + 1013904223u;
    // Long stretches of growing and of shrinking, so that it wraps, grows while wrapped, and runs dry.
    const bool grows = (i / 500) % 2 == 0;
    if ((chance >> 24) < (grows ? 160u : 90u)) {
      queue.push_back(std::string(20, 'a') + std::to_string(i));
      wanted.push_back(queue.back());
    } else if (!wanted.empty()) {
      ASSERT_EQ(queue.front(), wanted.front());
      queue.pop_front();
      wanted.pop_front();
    }
    ASSERT_EQ(queue.size(), wanted.size());
    ASSERT_EQ(queue.empty(), wanted.empty());
    if (!wanted.empty()) { ASSERT_EQ(queue.back(), wanted.back()); }
  }
  EXPECT_TRUE(std::equal(queue.begin(), queue.end(), wanted.begin(), wanted.end()));
}

TEST(Queue, holds_what_can_only_be_moved_and_lets_go_of_it) {
  auto watched = std::make_shared<int>(7);
  {
    Queue<std::unique_ptr<std::shared_ptr<int>>> queue;
    for (int i = 0; i < 100; ++i) queue.push_back(std::make_unique<std::shared_ptr<int>>(watched));
    queue.pop_front();
    EXPECT_EQ(watched.use_count(), 100);
    auto moved = std::move(queue);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(moved.size(), 99u);
    queue = std::move(moved);
    EXPECT_EQ(queue.size(), 99u);
    moved.push_back(std::make_unique<std::shared_ptr<int>>(watched));
    queue = std::move(moved);
    EXPECT_EQ(watched.use_count(), 2);
    queue.clear();
    EXPECT_EQ(watched.use_count(), 1);
    queue.push_back(std::make_unique<std::shared_ptr<int>>(watched));
  }
  EXPECT_EQ(watched.use_count(), 1);
}

}  // namespace
}  // namespace iris::base
