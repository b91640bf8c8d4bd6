#include "load/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace iris::load {
namespace {

TEST(Report, ProgramsReadJson) {
  Report report("chat");
  report.setting("transport", "tcp");
  report.setting("pairs", 3);
  report.figure("messages_per_second", 1234.5, "/s");
  Histogram histogram;
  for (int i = 0; i < 100; ++i) histogram.record(kMillisecond);
  report.times("delivery", histogram);
  report.times("nothing", Histogram());
  const auto json = nlohmann::json::parse(report.json());
  EXPECT_EQ(json["workload"], "chat");
  EXPECT_EQ(json["settings"]["transport"], "tcp");
  EXPECT_EQ(json["settings"]["pairs"], 3);
  EXPECT_EQ(json["figures"]["messages_per_second"], 1234.5);
  EXPECT_NEAR(json["times"]["delivery"]["p99_ms"].get<double>(), 1, 0.001);
  EXPECT_EQ(json["times"]["delivery"]["count"], 100);
  EXPECT_FALSE(json["times"].contains("nothing"));
  EXPECT_TRUE(json["good"]);
}

TEST(Report, PeopleReadATable) {
  Report report("chat");
  report.figure("messages_per_second", 1234.5, "/s");
  report.fault("3 messages were lost");
  EXPECT_FALSE(report.good());
  EXPECT_EQ(report.table(), "messages per second       1234 /s\nFAULT: 3 messages were lost\n");
}

}  // namespace
}  // namespace iris::load
