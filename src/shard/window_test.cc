#include "shard/window.h"

#include <gtest/gtest.h>

#include "shard/stamper.h"

namespace iris::shard {
namespace {

using base::Offset;
using base::Stamp;

TEST(I5, TheFloorStopsBelowTheFirstRecordThatIsNotEmitted) {
  Window window;
  auto a = window.open(Stamp{10}, Offset{0});
  auto b = window.open(Stamp{20}, Offset{1});
  auto c = window.open(Stamp{30}, Offset{2});
  EXPECT_EQ(window.floor(), Stamp{9});
  window.emitted(b);
  EXPECT_EQ(window.floor(), Stamp{9});
  window.emitted(a);
  EXPECT_EQ(window.floor(), Stamp{29});
  window.emitted(c);
  EXPECT_EQ(window.floor(), Stamp{30});
}

TEST(I4, PersistedThroughWaitsForEveryRecordBefore) {
  Window window;
  window.start(Stamp{5}, Offset{41});
  auto a = window.open(Stamp{10}, Offset{42});
  auto b = window.open(Stamp{20}, Offset{43});
  window.emitted(a);
  window.emitted(b);
  window.persisted(b);
  EXPECT_EQ(window.persisted_through(), Offset{41});
  EXPECT_EQ(window.open_records(), 2u);
  window.persisted(a);
  EXPECT_EQ(window.persisted_through(), Offset{43});
  EXPECT_EQ(window.open_records(), 0u);
  EXPECT_EQ(window.floor(), Stamp{20});
}

TEST(Window, StartsFromACheckpoint) {
  Window window;
  window.start(Stamp{99}, Offset{7});
  EXPECT_EQ(window.floor(), Stamp{99});
  EXPECT_EQ(window.persisted_through(), Offset{7});
}

base::WallTime at(std::int64_t micros) { return base::WallTime(base::Duration(micros)); }

TEST(T1, TheEarlierOfTheTwoTimesCounts) {
  Stamper stamper;
  EXPECT_EQ(stamper.next(at(100), 90), Stamp{90});
  EXPECT_EQ(stamper.next(at(200), 900), Stamp{200});
}

TEST(T1, StampsGrowStrictly) {
  Stamper stamper(Stamp{500});
  EXPECT_EQ(stamper.next(at(100), 100), Stamp{501});
  EXPECT_EQ(stamper.next(at(100), 100), Stamp{502});
  EXPECT_EQ(stamper.next(at(-5), 100), Stamp{503});
  EXPECT_EQ(stamper.next(at(1000), 1000), Stamp{1000});
}

}  // namespace
}  // namespace iris::shard
