#include "edge/inbound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace iris::edge {
namespace {

using testing::ElementsAre;

// Writes down what is asked of the log and of the Bus.
struct Recorder {
  Inbound inbound;
  std::vector<std::string> calls;

  void logged() {
    inbound.logged([this](std::uint64_t number, std::uint64_t previous) {
      calls.push_back("append " + std::to_string(number) + " after " + std::to_string(previous));
    });
  }
  void soft() {
    inbound.soft([this](std::int64_t after) { calls.push_back("pass at " + std::to_string(after)); });
  }
};

TEST(Inbound, NumbersGrowAndNameTheirPredecessor) {
  Recorder r;
  r.logged();
  r.soft();
  r.logged();
  EXPECT_THAT(r.calls, ElementsAre("append 1 after 0", "append 3 after 1"));
  EXPECT_EQ(r.inbound.handled(), 0u);
  r.inbound.durable(1, {10});
  EXPECT_EQ(r.inbound.handled(), 2u);
  r.inbound.durable(3, {11});
  EXPECT_EQ(r.inbound.handled(), 3u);
  EXPECT_EQ(r.calls.back(), "pass at 10");
}

TEST(Inbound, HandledIsAPrefix) {
  Recorder r;
  r.logged();
  r.logged();
  r.inbound.durable(2, {11});
  EXPECT_EQ(r.inbound.handled(), 0u);
  r.inbound.durable(1, {10});
  EXPECT_EQ(r.inbound.handled(), 2u);
}

TEST(Inbound, BytesAreCountedUntilHandled) {
  Inbound inbound;
  inbound.logged([](std::uint64_t, std::uint64_t) {}, 100);
  inbound.answered();
  inbound.logged([](std::uint64_t, std::uint64_t) {}, 10);
  EXPECT_EQ(inbound.bytes(), 110u);
  inbound.durable(1, {10});
  EXPECT_EQ(inbound.bytes(), 10u);
  inbound.abandon();
  inbound.resume(1);
  EXPECT_EQ(inbound.bytes(), 0u);
}

TEST(Inbound, ARefusedStanzaIsLeftOutAndNewOnesWaitForThoseBehindIt) {
  Recorder r;
  r.logged();
  r.inbound.durable(1, {10});
  r.logged();
  r.logged();
  r.calls.clear();
  r.inbound.refused(2);
  r.logged();  // 3 will fail too: wait for that
  EXPECT_THAT(r.calls, ElementsAre());
  r.inbound.refused(3);
  EXPECT_THAT(r.calls, ElementsAre("append 4 after 1"));
  EXPECT_EQ(r.inbound.handled(), 3u);
}

TEST(Inbound, AnAppendThatGoesThroughBehindARefusedOneBreaksTheOrder) {
  Recorder r;
  r.logged();
  r.logged();
  r.inbound.refused(1);
  EXPECT_EQ(r.inbound.durable(2, {10}), Inbound::Verdict::broken);
}

TEST(Inbound, AResumptionForgetsWhatTheShardDoesNotHave) {
  Recorder r;
  r.logged();
  r.soft();
  r.logged();
  r.inbound.abandon();
  r.inbound.resume(1);
  EXPECT_EQ(r.inbound.handled(), 1u);
  EXPECT_EQ(r.inbound.received(), 1u);
  r.calls.clear();
  r.logged();
  EXPECT_THAT(r.calls, ElementsAre("append 2 after 1"));
}

TEST(Inbound, AResumptionPassesOnWhatWaitedForAnAppendThatHappened) {
  Recorder r;
  r.logged();
  r.soft();
  r.logged();
  r.inbound.abandon();
  r.calls.clear();
  r.inbound.wait_for({20});
  r.inbound.resume(3);
  EXPECT_EQ(r.inbound.handled(), 3u);
  EXPECT_THAT(r.calls, ElementsAre("pass at 20"));
}

TEST(Inbound, AResumptionNeverTakesBackWhatWasHandled) {
  Recorder r;
  r.logged();
  r.inbound.durable(1, {10});
  r.soft();
  r.inbound.answered();
  r.inbound.resume(1);
  EXPECT_EQ(r.inbound.handled(), 3u);
}

}  // namespace
}  // namespace iris::edge
