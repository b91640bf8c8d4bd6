#include "rocks/append_fence.h"

#include <gtest/gtest.h>

#include "io/sim_loop.h"

namespace iris::rocks {
namespace {

using base::Errc;

class AppendFenceTest : public testing::Test {
 protected:
  AppendFence::Ticket enter(std::uint32_t partition = 0) { return fence_.enter(loop_, {partition}); }
  bool fails(const AppendFence::Ticket& ticket) { return fence_.failed(ticket).has_value(); }

  io::SimWorld world_;
  io::SimLoop& loop_ = world_.add_loop("loop");
  AppendFence fence_;
};

TEST_F(AppendFenceTest, WhatIsBehindAFailureFailsLikeIt) {
  const auto first = enter(), second = enter(), third = enter();
  EXPECT_FALSE(fails(first));
  fence_.fail(second, Errc::no_space);
  EXPECT_EQ(fence_.failed(third), Errc::no_space);
}

TEST_F(AppendFenceTest, WhatIsBeforeAFailureGoesOn) {
  const auto before = enter(), refused = enter();
  fence_.fail(refused, Errc::overloaded);  // at the door, while `before` still waits
  EXPECT_FALSE(fails(before));
  EXPECT_TRUE(fails(refused));
}

TEST_F(AppendFenceTest, WhatIsMadeAfterTheLoopWasToldIsNewAgain) {
  const auto failed = enter(), behind = enter();
  fence_.fail(failed, Errc::unknown_outcome);
  const auto unaware = enter();
  EXPECT_TRUE(fails(behind));
  EXPECT_TRUE(fails(unaware));
  for (const auto& one : {failed, behind, unaware}) fence_.settled(one);
  EXPECT_FALSE(fails(enter()));
}

// Two callers share a lane: the second's append has failed too, and it does not know yet.
TEST_F(AppendFenceTest, WhoHasNotHeardOfItsFailureCannotOvertakeItself) {
  const auto first_callers = enter(), second_callers = enter();
  fence_.fail(first_callers, Errc::unknown_outcome);
  fence_.settled(first_callers);
  const auto overtaking = enter();
  EXPECT_TRUE(fails(overtaking));
  fence_.settled(second_callers);
  fence_.settled(overtaking);
  EXPECT_FALSE(fails(enter()));
}

TEST_F(AppendFenceTest, ASecondFailureShutsItAgain) {
  const auto failed = enter();
  fence_.fail(failed, Errc::no_space);
  fence_.settled(failed);
  const auto again = enter(), behind = enter();
  EXPECT_FALSE(fails(again));
  fence_.fail(again, Errc::no_space);
  fence_.settled(again);
  EXPECT_TRUE(fails(behind));
  fence_.settled(behind);
  EXPECT_FALSE(fails(enter()));
}

// One is refused at the door and told of while another, made before it, is on its way to a disk that fails.
TEST_F(AppendFenceTest, AFailureBeforeOneThatWasToldDoesNotShutTheLaneForGood) {
  const auto on_its_way = enter(), refused = enter();
  fence_.fail(refused, Errc::overloaded);
  fence_.settled(refused);
  const auto behind = enter();
  fence_.fail(on_its_way, Errc::unknown_outcome);
  EXPECT_EQ(fence_.failed(behind), Errc::unknown_outcome);
  fence_.settled(on_its_way);
  fence_.settled(behind);
  EXPECT_FALSE(fails(enter()));
}

TEST_F(AppendFenceTest, LanesAreApart) {
  io::SimLoop& other_loop = world_.add_loop("other");
  fence_.fail(enter(0), Errc::no_space);
  EXPECT_FALSE(fails(enter(1)));
  EXPECT_FALSE(fails(fence_.enter(other_loop, {0})));
  EXPECT_TRUE(fails(enter(0)));
}

}  // namespace
}  // namespace iris::rocks
