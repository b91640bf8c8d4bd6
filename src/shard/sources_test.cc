#include "shard/sources.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace iris::shard {
namespace {

record::Source source(std::uint64_t stamp, std::uint32_t index, std::uint64_t floor, std::uint32_t partition = 3) {
  record::Source out;
  out.set_partition(partition);
  out.set_stamp(stamp);
  out.set_index(index);
  out.set_floor(floor);
  return out;
}

TEST(S1, AnEmissionIsTakenOnce) {
  Sources sources;
  EXPECT_TRUE(sources.accept(source(10, 0, 0)));
  EXPECT_FALSE(sources.accept(source(10, 0, 0)));
  EXPECT_TRUE(sources.accept(source(10, 1, 0)));
}

TEST(S1, AboveTheFloorTheyAreTakenInAnyOrder) {
  Sources sources;
  EXPECT_TRUE(sources.accept(source(30, 0, 5)));
  EXPECT_TRUE(sources.accept(source(10, 0, 5)));
  EXPECT_TRUE(sources.accept(source(20, 0, 5)));
  EXPECT_FALSE(sources.accept(source(30, 0, 5)));
}

TEST(S1, AtOrBelowTheFloorTheyAreDropped) {
  Sources sources;
  EXPECT_TRUE(sources.accept(source(50, 0, 40)));
  EXPECT_FALSE(sources.accept(source(40, 7, 0)));
  EXPECT_TRUE(sources.accept(source(41, 0, 0)));
}

TEST(S1, AnOlderFloorDoesNotLowerIt) {
  Sources sources;
  EXPECT_TRUE(sources.accept(source(50, 0, 40)));
  EXPECT_TRUE(sources.accept(source(45, 0, 10)));
  EXPECT_FALSE(sources.accept(source(39, 0, 10)));
}

TEST(S1, PartitionsDoNotMix) {
  Sources sources;
  EXPECT_TRUE(sources.accept(source(50, 0, 49, 1)));
  EXPECT_TRUE(sources.accept(source(10, 0, 0, 2)));
}

TEST(S1, AcceptedKnowsFloorAndSet) {
  Sources sources;
  EXPECT_FALSE(sources.accepted(3, base::Stamp{10}, 0));
  sources.accept(source(20, 1, 9));
  EXPECT_TRUE(sources.accepted(3, base::Stamp{9}, 0));
  EXPECT_FALSE(sources.accepted(3, base::Stamp{10}, 0));
  EXPECT_TRUE(sources.accepted(3, base::Stamp{20}, 1));
}

TEST(T2, SavedAndLoadedItDecidesTheSame) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 50; ++round) {
    Sources original;
    for (int i = 0; i < 200; ++i) {
      auto stamp = random() % 1000 + 1;
      original.accept(source(stamp, random() % 3, random() % stamp, random() % 4));
    }
    record::CheckpointRow row;
    original.save(row);
    Sources copy;
    copy.load(row);
    EXPECT_EQ(original, copy) << "round " << round;
  }
}

}  // namespace
}  // namespace iris::shard
