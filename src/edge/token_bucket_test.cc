#include "edge/token_bucket.h"

#include <gtest/gtest.h>

namespace iris::edge {
namespace {

using namespace std::chrono_literals;
constexpr base::SteadyTime kStart{1s};

TEST(TokenBucket, AllowsABurstAndThenItsRate) {
  TokenBucket bucket(10, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(kStart));
  EXPECT_FALSE(bucket.take(kStart));
  EXPECT_FALSE(bucket.take(kStart + 99ms));
  EXPECT_TRUE(bucket.take(kStart + 101ms));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(kStart + 1h));
  EXPECT_FALSE(bucket.take(kStart + 1h));
}

TEST(TokenBucket, WhatIsOwedTakesTime) {
  TokenBucket bucket(10, 1);
  EXPECT_EQ(bucket.owe(kStart), 0us);
  EXPECT_NEAR(static_cast<double>(bucket.owe(kStart).count()), 100'000, 10);
  EXPECT_NEAR(static_cast<double>(bucket.owe(kStart).count()), 200'000, 10);
}

TEST(TokenBucket, WhatIsStillOwedIsKnown) {
  TokenBucket bucket(10, 1);
  for (int i = 0; i < 3; ++i) bucket.owe(kStart);
  EXPECT_NEAR(static_cast<double>(bucket.owed(kStart + 50ms).count()), 150'000, 10);
  EXPECT_EQ(bucket.owed(kStart + 201ms), 0us);
}

TEST(TokenBucket, ZeroIsNoLimit) {
  TokenBucket bucket(0, 0);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(bucket.take(kStart));
    EXPECT_EQ(bucket.owe(kStart), 0us);
  }
}

}  // namespace
}  // namespace iris::edge
