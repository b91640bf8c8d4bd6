#include "load/inbox.h"

#include <gtest/gtest.h>

namespace iris::load {
namespace {

TEST(Inbox, CountsWhatComesInOrder) {
  Inbox inbox;
  for (std::uint32_t i = 0; i < 5; ++i) EXPECT_EQ(inbox.take(i), Arrival::in_order);
  EXPECT_EQ(inbox.count(), 5U);
}

TEST(Inbox, TellsTheDoubledFromTheOvertaken) {
  Inbox inbox;
  EXPECT_EQ(inbox.take(0), Arrival::in_order);
  EXPECT_EQ(inbox.take(3), Arrival::in_order);
  EXPECT_EQ(inbox.take(0), Arrival::doubled);
  EXPECT_EQ(inbox.take(3), Arrival::doubled);
  EXPECT_EQ(inbox.take(2), Arrival::overtaken);
  EXPECT_EQ(inbox.take(2), Arrival::doubled);
  EXPECT_EQ(inbox.count(), 3U) << "1 is missing";
  EXPECT_EQ(inbox.take(1), Arrival::overtaken);
  EXPECT_EQ(inbox.take(4), Arrival::in_order);
  EXPECT_EQ(inbox.count(), 5U);
}

}  // namespace
}  // namespace iris::load
