#include "shard/offline.h"

#include <gtest/gtest.h>

#include "shard/session_rows.h"

namespace iris::shard {
namespace {

struct OfflineTest : testing::Test {
  Options options;
  State state;
  std::uint64_t time = 1000;
  std::uint64_t sessions = 0;

  OfflineTest() { options.offline_messages_max = 32; }  // runs of two

  Apply next() { return Apply(options, "bob@localhost", {++time}, state); }
  void keep(int count) {
    for (int i = 0; i < count; ++i) {
      auto apply = next();
      count_offline(apply);
    }
  }
  void read_up_to(std::uint64_t acked) {
    record::OfflineRead read;
    read.set_acked(acked);
    auto apply = next();
    apply_offline_read(apply, read);
  }
  void session(bool starts) {
    record::SessionRef ref;
    ref.set_number(starts ? ++sessions : sessions);
    auto apply = next();
    if (starts) {
      record::SessionStart start;
      *start.mutable_session() = ref;
      start.set_resource("x");
      apply_session_start(apply, start);
    } else {
      record::SessionEnd end;
      *end.mutable_session() = ref;
      apply_session_end(apply, end);
    }
  }
  bool full() { return is_offline_full(next()); }
};

TEST_F(OfflineTest, IsFullAtItsLimit) {
  keep(31);
  EXPECT_EQ(offline_count(state), 31u);
  EXPECT_FALSE(full());
  keep(1);
  EXPECT_TRUE(full());
  EXPECT_EQ(state.size(), 1u);
}

TEST_F(OfflineTest, WhoIsThereIsNotOffline) {
  session(true);
  keep(100);
  EXPECT_EQ(offline_count(state), 0u);
  EXPECT_FALSE(full());
  session(false);
  keep(32);
  EXPECT_TRUE(full());
  session(true);  // takes what waits, and what comes meanwhile
  EXPECT_FALSE(full());
}

TEST_F(OfflineTest, WhatIsReadCountsNoLonger) {
  keep(32);  // at 1001 to 1032
  EXPECT_FALSE(is_offline_read(state, {1001}));
  read_up_to(1001);  // half a run
  EXPECT_EQ(offline_count(state), 32u);
  EXPECT_TRUE(is_offline_read(state, {1005}));
  read_up_to(1005);
  EXPECT_EQ(offline_count(state), 28u);
  EXPECT_FALSE(full());
  read_up_to(1003);  // late, or twice: changes nothing
  EXPECT_EQ(offline_count(state), 28u);
  read_up_to(1032);
  EXPECT_EQ(offline_count(state), 0u);
  EXPECT_TRUE(state.find("offline") == nullptr);
  EXPECT_FALSE(is_offline_read(state, {9999}));
}

TEST_F(OfflineTest, TheRowStaysSmall) {
  options.offline_messages_max = 100'000;
  keep(10'000);
  EXPECT_LT(state.find("offline")->size(), 300u);
}

TEST_F(OfflineTest, AQuotaOfOneIsOneMessage) {
  options.offline_messages_max = 1;
  EXPECT_FALSE(full());
  keep(1);
  EXPECT_TRUE(full());
}

}  // namespace
}  // namespace iris::shard
