#include "shard/archive_id.h"

#include <gtest/gtest.h>

namespace iris::shard {
namespace {

constexpr std::array<std::uint8_t, 16> kKey{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

TEST(ArchiveIds, ComeBackInTheirOwnArchive) {
  ArchiveIds ids(kKey);
  auto id = ids.encode("alice@example.org", base::Stamp{1'700'000'000'000'001});
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(ids.decode("alice@example.org", id), base::Stamp{1'700'000'000'000'001});
}

TEST(ArchiveIds, AreNotAccepted_ElsewhereOrUnderAnotherKeyOrBent) {
  ArchiveIds ids(kKey);
  auto id = ids.encode("alice@example.org", base::Stamp{42});
  EXPECT_FALSE(ids.decode("bob@example.org", id));
  EXPECT_FALSE(ArchiveIds({9}).decode("alice@example.org", id));
  EXPECT_FALSE(ids.decode("alice@example.org", ""));
  EXPECT_FALSE(ids.decode("alice@example.org", id + "0"));
  id[3] = id[3] == 'a' ? 'b' : 'a';
  EXPECT_FALSE(ids.decode("alice@example.org", id));
  id[3] = 'Z';
  EXPECT_FALSE(ids.decode("alice@example.org", id));
}

TEST(ArchiveIds, NeighboursLookUnrelated) {
  ArchiveIds ids(kKey);
  auto a = ids.encode("alice@example.org", base::Stamp{42}), b = ids.encode("alice@example.org", base::Stamp{43});
  int same = 0;
  for (std::size_t i = 0; i < a.size(); ++i) same += a[i] == b[i];
  EXPECT_LT(same, 12);
}

}  // namespace
}  // namespace iris::shard
