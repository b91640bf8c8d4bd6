// What every Bus promises (bus/bus.h), as tests: a world offers a Bus with two loops of one node attached.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bus/bus.h"

namespace iris::bus {

inline record::BusMessage saying(std::string text) {
  record::BusMessage out;
  out.mutable_end_session()->set_text(std::move(text));
  return out;
}

// How the suite sees an implementation. Made per test.
class BusWorld {
 public:
  virtual ~BusWorld() = default;
  virtual Bus& bus() = 0;
  virtual io::Loop& loop(std::uint32_t number) = 0;  // 0 and 1, attached as {"node", number}
  // Runs until `done` says so; false if that does not come to pass.
  virtual bool run_until(std::function<bool()> done) = 0;
  // The texts that loop `number` has received. Only looked at between runs, or in `done`.
  virtual std::vector<std::string> received(std::uint32_t number) = 0;
};

struct BusImplementation {
  std::string name;
  std::function<std::unique_ptr<BusWorld>()> make;
};

class BusContract : public testing::TestWithParam<BusImplementation> {
 protected:
  void SetUp() override { world_ = GetParam().make(); }
  // On the loop, as all senders do.
  void from_loop(std::uint32_t number, std::function<void()> call) { world_->loop(number).post(std::move(call)); }
  std::unique_ptr<BusWorld> world_;
};

TEST_P(BusContract, ArrivesAtTheLoopItNames) {
  from_loop(0, [this] { world_->bus().send({"node", 1}, saying("hello")); });
  EXPECT_TRUE(world_->run_until([this] { return world_->received(1).size() == 1; }));
  EXPECT_EQ(world_->received(1), std::vector<std::string>{"hello"});
  EXPECT_TRUE(world_->received(0).empty());
}

TEST_P(BusContract, FromOneLoopToOneAddressInOrder) {
  constexpr int kMessages = 2000;
  from_loop(0, [this] {
    for (int i = 0; i < kMessages; ++i) world_->bus().send({"node", 1}, saying(std::to_string(i)));
  });
  ASSERT_TRUE(world_->run_until([this] { return world_->received(1).size() == kMessages; }));
  const auto received = world_->received(1);
  for (int i = 0; i < kMessages; ++i) ASSERT_EQ(received[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_P(BusContract, NeverRunsAReceiverInsideTheCall) {
  bool inside = true;
  bool ran_inside = false;
  from_loop(0, [&] {
    world_->bus().send({"node", 0}, saying("to myself"));
    ran_inside = !world_->received(0).empty();
    inside = false;
  });
  ASSERT_TRUE(world_->run_until([this] { return world_->received(0).size() == 1; }));
  EXPECT_FALSE(inside);
  EXPECT_FALSE(ran_inside);
}

TEST_P(BusContract, UnknownAddressesAreDropped) {
  from_loop(0, [this] {
    world_->bus().send({"elsewhere", 0}, saying("lost"));
    world_->bus().send({"node", 99}, saying("lost"));
    world_->bus().send({"node", 1}, saying("arrives"));
  });
  ASSERT_TRUE(world_->run_until([this] { return world_->received(1).size() == 1; }));
  EXPECT_EQ(world_->received(1).front(), "arrives");
}

}  // namespace iris::bus
