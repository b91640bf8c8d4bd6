#include "load/schedule.h"

#include <gtest/gtest.h>

namespace iris::load {
namespace {

TEST(Schedule, EventsAreDueAtTheRateFromTheStart) {
  const Schedule schedule(5 * kSecond, 1000);
  EXPECT_EQ(schedule.due(0), 5 * kSecond);
  EXPECT_EQ(schedule.due(1), 5 * kSecond + kMillisecond);
  EXPECT_EQ(schedule.due(60'000), 65 * kSecond);
}

TEST(Schedule, ErrorsDoNotAddUp) {
  const Schedule schedule(0, 3);
  EXPECT_EQ(schedule.due(3'000'000), 1'000'000 * kSecond);
}

TEST(Schedule, GivesEachEventOnceWhenItIsDue) {
  Schedule schedule(0, 10);
  EXPECT_EQ(schedule.take(-1), -1);
  EXPECT_EQ(schedule.take(0), 0);
  EXPECT_EQ(schedule.take(0), -1);
  EXPECT_EQ(schedule.take(99 * kMillisecond), -1);
  EXPECT_EQ(schedule.take(100 * kMillisecond), 100 * kMillisecond);
  EXPECT_EQ(schedule.taken(), 2U);
}

TEST(Schedule, WhoComesLateIsGivenTheMomentsThatItMissed) {
  Schedule schedule(0, 10);
  EXPECT_EQ(schedule.take(kSecond), 0);
  EXPECT_EQ(schedule.take(kSecond), 100 * kMillisecond);
  for (int i = 2; i <= 10; ++i) EXPECT_EQ(schedule.take(kSecond), i * 100 * kMillisecond);
  EXPECT_EQ(schedule.take(kSecond), -1);
  EXPECT_EQ(schedule.next(), 1100 * kMillisecond);
}

}  // namespace
}  // namespace iris::load
