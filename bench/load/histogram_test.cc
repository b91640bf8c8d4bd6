#include "load/histogram.h"

#include <gtest/gtest.h>

namespace iris::load {
namespace {

TEST(Histogram, AnEmptyOneSaysZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.percentile(99), 0);
}

TEST(Histogram, PercentilesWithinThreeDigits) {
  Histogram histogram;
  for (Nanos i = 1; i <= 1000; ++i) histogram.record(i * kMicrosecond);
  EXPECT_EQ(histogram.count(), 1000U);
  EXPECT_NEAR(static_cast<double>(histogram.percentile(50)), 500e3, 500);
  EXPECT_NEAR(static_cast<double>(histogram.percentile(99)), 990e3, 990);
  EXPECT_NEAR(static_cast<double>(histogram.percentile(100)), 1000e3, 1000);
  EXPECT_NEAR(histogram.mean(), 500.5e3, 500);
  EXPECT_NEAR(static_cast<double>(histogram.min()), 1e3, 1);
}

TEST(Histogram, NothingIsOutOfRange) {
  Histogram histogram;
  histogram.record(-5);
  histogram.record(100'000 * kSecond);
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.min(), 1);
  EXPECT_NEAR(to_seconds(histogram.max()), 600, 1);
}

TEST(Histogram, AddsAndForgets) {
  Histogram one, other;
  one.record(kMillisecond);
  other.record(3 * kMillisecond);
  one.add(other);
  EXPECT_EQ(one.count(), 2U);
  EXPECT_NEAR(one.mean(), 2e6, 2e3);
  one.reset();
  EXPECT_EQ(one.count(), 0U);
}

}  // namespace
}  // namespace iris::load
