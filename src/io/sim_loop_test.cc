#include "io/sim_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

namespace iris::io {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(SimWorld, TimeJumpsToTheNextEvent) {
  SimWorld world;
  SimLoop& loop = world.add_loop("a");
  std::vector<int> order;
  loop.after(seconds(3600), [&] { order.push_back(2); });
  loop.after(milliseconds(5), [&] { order.push_back(1); });
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  EXPECT_EQ(world.now().time_since_epoch(), seconds(3600));
}

TEST(SimWorld, RunForStopsTheClockAtItsEnd) {
  SimWorld world;
  SimLoop& loop = world.add_loop("a");
  int ticks = 0;
  std::function<void()> tick = [&] {
    ++ticks;
    loop.after(seconds(1), [&] { tick(); });
  };
  loop.after(seconds(1), [&] { tick(); });
  world.run_for(milliseconds(3500));
  EXPECT_EQ(ticks, 3);
  EXPECT_EQ(world.now().time_since_epoch(), milliseconds(3500));
  EXPECT_FALSE(world.run_until_idle(10));
}

// A small crowd of loops that post and set timers by chance.
std::uint64_t digest_of_crowd(std::uint64_t seed) {
  SimWorld world({.seed = seed, .post_delay_max = milliseconds(2)});
  std::vector<SimLoop*> loops;
  for (int i = 0; i < 5; ++i) loops.push_back(&world.add_loop("n" + std::to_string(i)));
  int left = 2000;
  std::function<void(SimLoop&)> act = [&](SimLoop& loop) {
    if (--left < 0) return;
    SimLoop& other = *loops[loop.random().next() % loops.size()];
    other.post([&] { act(other); });
    loop.after(Duration(loop.random().next() % 1000), [&] { act(loop); });
  };
  for (auto* loop : loops) loop->post([&, loop] { act(*loop); });
  EXPECT_TRUE(world.run_until_idle());
  return world.digest();
}

TEST(SimWorld, ASeedReplaysToTheLastEventAndAnotherDiffers) {
  EXPECT_EQ(digest_of_crowd(7), digest_of_crowd(7));
  EXPECT_NE(digest_of_crowd(7), digest_of_crowd(8));
}

TEST(SimLoop, PostsFromOneLoopKeepTheirOrderUnderDelays) {
  SimWorld world({.seed = 3, .post_delay_max = milliseconds(10)});
  SimLoop &a = world.add_loop("a"), &b = world.add_loop("b"), &target = world.add_loop("target");
  std::vector<int> from_a, from_b;
  std::string mix;
  for (int i = 0; i < 50; ++i) {
    a.after(milliseconds(i), [&, i] {
      target.post([&, i] {
        from_a.push_back(i);
        mix += 'a';
      });
    });
    b.after(milliseconds(i), [&, i] {
      target.post([&, i] {
        from_b.push_back(i);
        mix += 'b';
      });
    });
  }
  world.run_until_idle();
  EXPECT_EQ(from_a.size(), 50u);
  EXPECT_TRUE(std::ranges::is_sorted(from_a));
  EXPECT_TRUE(std::ranges::is_sorted(from_b));
  EXPECT_NE(mix.find("aa"), std::string::npos) << "delays shuffle the loops among each other";
}

TEST(SimLoop, KillDropsWhatIsPendingAndWhatComes) {
  SimWorld world;
  SimLoop &node = world.add_loop("node"), &other = world.add_loop("other");
  auto held = std::make_shared<int>(1);
  bool ran = false;
  node.post([&, held] { ran = true; });
  node.after(seconds(1), [&, held] { ran = true; });
  EXPECT_EQ(held.use_count(), 3);
  node.kill();
  EXPECT_EQ(held.use_count(), 1);
  other.post([&] { node.post([&] { ran = true; }); });
  EXPECT_EQ(node.after(seconds(1), [&] { ran = true; }).value, 0u);
  world.run_until_idle();
  EXPECT_FALSE(ran);
  EXPECT_FALSE(node.alive());
}

TEST(SimLoop, ALoopMayKillItself) {
  SimWorld world;
  SimLoop& node = world.add_loop("node");
  bool after_kill = false, later = false;
  node.post([&] {
    node.post([&] { later = true; });
    node.kill();
    after_kill = true;
  });
  world.run_until_idle();
  EXPECT_TRUE(after_kill);
  EXPECT_FALSE(later);
}

TEST(SimLoop, KillEndsItsResidents) {
  struct Lodger final : Resident {
    bool ended = false;
    void loop_ended() override { ended = true; }
  };
  SimWorld world;
  SimLoop& node = world.add_loop("node");
  const auto stays = std::make_shared<Lodger>(), leaves = std::make_shared<Lodger>(), late = std::make_shared<Lodger>();
  node.add_resident(stays);
  node.add_resident(leaves);
  node.remove_resident(*leaves);
  EXPECT_EQ(leaves.use_count(), 1);
  node.kill();
  node.add_resident(late);
  EXPECT_TRUE(stays->ended);
  EXPECT_FALSE(leaves->ended);
  EXPECT_TRUE(late->ended);
  EXPECT_EQ(stays.use_count(), 1);
}

TEST(SimLoop, CancelForgetsATimer) {
  SimWorld world;
  SimLoop& loop = world.add_loop("a");
  bool ran = false;
  const TimerId timer = loop.after(seconds(1), [&] { ran = true; });
  loop.cancel(timer);
  loop.cancel(timer);
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_FALSE(ran);
}

TEST(SimLoop, WallClocksMayBeSkewedSteadyOnesNot) {
  SimWorld world;
  SimLoop &a = world.add_loop("a"), &b = world.add_loop("b");
  b.set_skew(-seconds(90));
  EXPECT_EQ(a.clock().wall() - b.clock().wall(), seconds(90));
  EXPECT_EQ(a.clock().steady(), b.clock().steady());
}

TEST(SimLoop, OnlyTheRunningLoopIsOnItsThread) {
  SimWorld world;
  SimLoop &a = world.add_loop("a"), &b = world.add_loop("b");
  a.post([&] {
    EXPECT_TRUE(a.on_this_thread());
    EXPECT_FALSE(b.on_this_thread());
  });
  EXPECT_TRUE(world.run_until_idle());
}

TEST(SeededRandom, BelowStaysBelow) {
  SeededRandom random(1);
  std::vector<int> seen(10);
  for (int i = 0; i < 10'000; ++i) ++seen.at(random.below(10));
  for (int count : seen) EXPECT_GT(count, 800);
}

}  // namespace
}  // namespace iris::io
