#include "base/shortened.h"

#include <gtest/gtest.h>

namespace iris::base {
namespace {

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(shortened("juliet", 6), "juliet");
  EXPECT_EQ(shortened("juliet", 3), "jul");
  EXPECT_EQ(shortened("aéé", 4), "aé");
  EXPECT_EQ(shortened("aéé", 3), "aé");
  EXPECT_EQ(shortened("\x80\x80\x80", 2), "");
}

}  // namespace
}  // namespace iris::base
