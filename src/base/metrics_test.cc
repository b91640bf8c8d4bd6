#include "base/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

namespace iris::base {
namespace {

enum class Kind { message, presence };

MetricSnapshot collected(const std::string& name) {
  for (auto& metric : collect_metrics()) {
    if (metric.name == name) return metric;
  }
  ADD_FAILURE() << name << " is not registered";
  return {};
}

TEST(Counter, CountsBySeries) {
  Counter counter("iris_test_things_total", "Things.",
                  {{"kind", {"message", "presence"}}, {"outcome", {"ok", "bad", "ugly"}}});
  counter.add(1, Kind::message, 0);
  counter.add(2, Kind::presence, 2);
  const auto snapshot = collected("iris_test_things_total");
  ASSERT_EQ(snapshot.series.size(), 6u);
  EXPECT_EQ(snapshot.series[0].value, 1);
  EXPECT_EQ(snapshot.series[5].value, 2);
  using Labels = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(snapshot.series[5].labels, (Labels{{"kind", "presence"}, {"outcome", "ugly"}}));
}

TEST(Counter, SumsOverThreadsAndKeepsCountsOfEndedOnes) {
  Counter counter("iris_test_threads_total", "By many.");
  for (int round = 0; round < 3; ++round) {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10'000; ++i) counter.add(1);
      });
    }
  }
  EXPECT_EQ(collected("iris_test_threads_total").series.at(0).value, 120'000);
}

TEST(Counter, MoreThreadsOverTimeThanSlotsIsFine) {
  Counter counter("iris_test_short_lived_total", "By threads that come and go.");
  for (std::size_t i = 0; i < kMetricThreadsMax * 2; ++i) std::jthread([&] { counter.add(1); }).join();
  EXPECT_EQ(collected("iris_test_short_lived_total").series.at(0).value, kMetricThreadsMax * 2);
}

TEST(Counter, SecondsAreCountedInMicroseconds) {
  Counter counter("iris_test_busy_seconds_total", "Time.", {}, MetricUnit::microseconds);
  counter.add(1'500'000);
  EXPECT_DOUBLE_EQ(collected("iris_test_busy_seconds_total").series.at(0).value, 1.5);
}

TEST(Label, ADynamicSetIsBounded) {
  Counter counter("iris_test_dynamic_total", "By loop.", {dynamic_label("loop", 2)});
  EXPECT_EQ(collected("iris_test_dynamic_total").series.size(), 0u);
  const auto a = counter.label_value(0, "a");
  const auto b = counter.label_value(0, "b");
  EXPECT_EQ(counter.label_value(0, "a"), a);
  const auto c = counter.label_value(0, "c"), d = counter.label_value(0, "d");
  EXPECT_EQ(c, d);
  counter.add(1, a);
  counter.add(2, b);
  counter.add(4, c);
  counter.add(8, d);
  const auto series = collected("iris_test_dynamic_total").series;
  ASSERT_EQ(series.size(), 3u);
  EXPECT_EQ(series[2].labels.at(0).second, "other");
  EXPECT_EQ(series[2].value, 12);
}

TEST(Gauge, SharesOfThreadsAreSummed) {
  Gauge gauge("iris_test_level", "A level.");
  gauge.set(10);
  std::jthread([&] { gauge.set(5); }).join();
  gauge.add(-3);
  EXPECT_EQ(collected("iris_test_level").series.at(0).value, 12);
}

TEST(SampledGauge, IsReadWhenAsked) {
  double level = 1;
  SampledGauge gauge("iris_test_sampled", "A level.", [&] { return level; });
  level = 42;
  EXPECT_EQ(collected("iris_test_sampled").series.at(0).value, 42);
}

TEST(Histogram, EachValueFallsIntoTheFirstBucketThatHoldsIt) {
  Histogram histogram("iris_test_batch", "Sizes.", {}, {1, 4});  // 1 2 4 8 inf
  for (int value : {0, 1, 2, 3, 4, 5, 8, 9, 1000}) histogram.observe_plain(value);
  const auto series = collected("iris_test_batch").series.at(0);
  std::vector<std::uint64_t> cumulative;
  for (const auto& bucket : series.buckets) cumulative.push_back(bucket.cumulative);
  EXPECT_EQ(cumulative, (std::vector<std::uint64_t>{2, 3, 5, 7, 9}));
  EXPECT_TRUE(std::isinf(series.buckets.back().upper));
  EXPECT_EQ(series.buckets[3].upper, 8);
  EXPECT_EQ(series.count, 9u);
  EXPECT_EQ(series.sum, 1032);
}

TEST(Histogram, LatenciesAreShownInSeconds) {
  Histogram histogram("iris_test_wait_seconds", "Waits.");
  histogram.observe(std::chrono::milliseconds(250));
  const auto series = collected("iris_test_wait_seconds").series.at(0);
  EXPECT_DOUBLE_EQ(series.sum, 0.25);
  EXPECT_DOUBLE_EQ(series.buckets.at(0).upper, 16e-6);
}

TEST(Register, ForgetsAMetricThatEnded) {
  { Counter counter("iris_test_gone_total", "Gone."); }
  for (const auto& metric : collect_metrics()) EXPECT_NE(metric.name, "iris_test_gone_total");
}

TEST(RegisterDeathTest, TwoMetricsOfOneNameAreAMistake) {
  Counter counter("iris_test_twin_total", "Twin.");
  EXPECT_DEATH(Counter("iris_test_twin_total", "Twin."), "");
}

TEST(CounterDeathTest, AnIndexOutOfRangeIsAMistake) {
  Counter counter("iris_test_range_total", "Range.", {{"kind", {"a", "b"}}});
  EXPECT_DEATH(counter.add(1, 2), "");
}

}  // namespace
}  // namespace iris::base
