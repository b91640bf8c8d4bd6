#include "base/hex.h"

#include <gtest/gtest.h>

namespace iris::base {
namespace {

TEST(Hex, WritesLowerCase) { EXPECT_EQ(to_hex(std::string_view("\x00\x7f\xab\xff", 4)), "007fabff"); }

TEST(Hex, ReadsBothCases) {
  EXPECT_EQ(from_hex("00aBfF"), std::string("\x00\xab\xff", 3));
  EXPECT_EQ(from_hex(""), "");
}

TEST(Hex, RefusesOddLengthAndOtherCharacters) {
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("0g"));
  EXPECT_FALSE(from_hex("-1"));
}

}  // namespace
}  // namespace iris::base
