#include "shard/session_rows.h"

#include <gtest/gtest.h>

#include "record/keys.h"
#include "shard/dedup.h"

namespace iris::shard {
namespace {

constexpr std::uint64_t kDay = 24ull * 3600 * 1000 * 1000;

class SessionRows : public testing::Test {
 protected:
  Options options;
  State state;

  record::SessionRef ref(std::uint64_t number) { return session_ref({1, 0, number}); }

  Apply apply(std::uint64_t stamp) { return Apply(options, "alice@example.org", base::Stamp{stamp}, state); }

  void start(std::uint64_t number, const std::string& resource, std::uint64_t stamp) {
    record::SessionStart in;
    *in.mutable_session() = ref(number);
    in.set_resource(resource);
    in.set_epoch(1);
    auto context = apply(stamp);
    apply_session_start(context, in);
  }

  ChainCheck submit(std::uint64_t number, std::uint64_t n, std::uint64_t previous, std::uint32_t epoch = 1) {
    record::Submit in;
    *in.mutable_session() = ref(number);
    in.set_epoch(epoch);
    in.set_number(n);
    in.set_previous(previous);
    auto context = apply(1000);
    return advance_chain(context, in);
  }

  void pend(const std::string& resource, std::uint64_t stamp) {
    record::Inbound in;
    in.mutable_stanza()->set_id(std::to_string(stamp));
    state.put(pending_prefix(resource) + record::key_of(base::Stamp{stamp}), in.SerializeAsString());
  }
};

TEST_F(SessionRows, C1_RecordsAreAcceptedOnlyAlongTheChain) {
  start(7, "phone", 10);
  EXPECT_EQ(submit(7, 2, 0), ChainCheck::accepted);
  EXPECT_EQ(submit(7, 5, 2), ChainCheck::accepted);
  EXPECT_EQ(submit(7, 9, 7), ChainCheck::behind) << "7 is not in the log: 9 stands behind a failed append";
  EXPECT_EQ(submit(7, 5, 2), ChainCheck::behind) << "doubled";
  EXPECT_EQ(submit(7, 7, 5), ChainCheck::accepted);
}

TEST_F(SessionRows, C1_OlderEpochsBehindAResumeAreDropped) {
  start(7, "phone", 10);
  EXPECT_EQ(submit(7, 1, 0), ChainCheck::accepted);
  record::SessionResume resume;
  *resume.mutable_session() = ref(7);
  resume.set_epoch(2);
  auto context = apply(20);
  apply_session_resume(context, resume);
  ASSERT_EQ(context.notices().size(), 1u);
  EXPECT_TRUE(context.notices()[0].message.session_info().known());
  EXPECT_EQ(context.notices()[0].message.session_info().last_number(), 1u);
  EXPECT_EQ(submit(7, 2, 1, 1), ChainCheck::behind);
  EXPECT_EQ(submit(7, 2, 1, 2), ChainCheck::accepted);
}

TEST_F(SessionRows, C1_AnUnknownSessionIsSaidToBeUnknown) { EXPECT_EQ(submit(9, 1, 0), ChainCheck::unknown); }

TEST_F(SessionRows, AnEndedSessionsRecordsAreStillTaken_TheyMayHaveBeenAcked) {
  start(7, "phone", 10);
  EXPECT_EQ(submit(7, 1, 0), ChainCheck::accepted);
  start(8, "phone", 20);  // conflict: ends 7
  EXPECT_EQ(submit(7, 1, 0), ChainCheck::behind);
  EXPECT_EQ(submit(7, 2, 1), ChainCheck::accepted);
  EXPECT_EQ(find_session(state, ref(7))->last_number(), 2u);
}

TEST_F(SessionRows, OfAForgottenSessionNothingIsLeft) {
  options.session_rows_max = 1;
  for (std::uint64_t i = 1; i <= 4; ++i) {
    start(i, "phone", 10 * i);
    EXPECT_EQ(submit(i, 1, 0), ChainCheck::accepted);
  }
  start(5, "phone", 50);
  EXPECT_EQ(submit(1, 2, 1), ChainCheck::unknown);
  EXPECT_EQ(state.count("session/"), 2u);
  EXPECT_EQ(state.count("chain/"), 0u) << "each was taken in when its session ended";
  EXPECT_EQ(submit(4, 2, 1), ChainCheck::accepted);
  start(6, "phone", 60);
  start(7, "phone", 70);
  EXPECT_EQ(state.count("chain/"), 0u);
}

TEST_F(SessionRows, AfterItsNumberWasToldAnOldSessionIsFenced) {
  start(7, "phone", 10);
  EXPECT_EQ(submit(7, 3, 0), ChainCheck::accepted);
  record::SessionEnd end;
  *end.mutable_session() = ref(7);
  end.mutable_reply_to()->set_node("n");
  end.set_request(5);
  auto context = apply(30);
  apply_session_end(context, end);
  ASSERT_EQ(context.notices().size(), 1u);
  EXPECT_EQ(context.notices()[0].message.session_info().last_number(), 3u);
  EXPECT_EQ(context.notices()[0].message.session_info().request(), 5u);
  EXPECT_EQ(submit(7, 4, 3), ChainCheck::behind);
}

TEST_F(SessionRows, TheSameResourceAgainEndsTheOlderSessionWithConflict) {
  start(7, "phone", 10);
  record::SessionStart in;
  *in.mutable_session() = ref(8);
  in.set_resource("phone");
  auto context = apply(20);
  apply_session_start(context, in);
  ASSERT_EQ(context.notices().size(), 1u);
  EXPECT_EQ(context.notices()[0].message.end_session().condition(), "conflict");
  EXPECT_EQ(context.notices()[0].message.session().number(), 7u);
  EXPECT_EQ(session_id(live_resource(state, "phone")->session()).number, 8u);
}

TEST_F(SessionRows, ASessionTooManyIsNotTaken_OneInThePlaceOfAnotherIs) {
  options.sessions_max = 2;
  start(1, "phone", 10);
  start(2, "desk", 20);
  start(3, "spare", 30);
  EXPECT_FALSE(find_session(state, ref(3)));
  EXPECT_TRUE(is_full_of_sessions(state, options));
  start(4, "desk", 40);
  EXPECT_TRUE(find_session(state, ref(4)));
  EXPECT_EQ(live_resource(state, "phone")->started(), 10u);
}

TEST_F(SessionRows, C4_WhatIsPendingAboveTheAckIsRoutedAgain) {
  start(7, "phone", 10);
  pend("phone", 11);
  pend("phone", 12);
  pend("phone", 13);
  pend("phones", 14);  // another resource that begins alike
  record::SessionEnd end;
  *end.mutable_session() = ref(7);
  end.set_direct_acked(11);
  auto context = apply(30);
  apply_session_end(context, end);
  ASSERT_EQ(context.emissions().size(), 2u);
  EXPECT_EQ(context.emissions()[0].to_bare, "alice@example.org");
  EXPECT_EQ(context.emissions()[0].inbound.original_stamp(), 12u);
  EXPECT_EQ(context.emissions()[1].inbound.original_stamp(), 13u);
  EXPECT_FALSE(state.find(pending_prefix("phone") + record::key_of(base::Stamp{11})));
  EXPECT_TRUE(state.find(pending_prefix("phones") + record::key_of(base::Stamp{14})));
}

TEST_F(SessionRows, ASecondEndChangesNothing) {
  start(7, "phone", 10);
  record::SessionEnd end;
  *end.mutable_session() = ref(7);
  auto first = apply(30);
  apply_session_end(first, end);
  start(8, "phone", 40);
  pend("phone", 41);
  auto second = apply(50);
  apply_session_end(second, end);
  EXPECT_TRUE(second.emissions().empty());
}

TEST_F(SessionRows, EndedSessionsAreForgottenByTheRecordsOwnTime) {
  options.session_rows_days = 1;
  start(7, "phone", 10);
  start(8, "phone", 20);
  EXPECT_TRUE(find_session(state, ref(7)));
  start(9, "laptop", 30 + kDay);
  EXPECT_FALSE(find_session(state, ref(7)));
  EXPECT_TRUE(find_session(state, ref(8)));
}

TEST_F(SessionRows, EndedSessionsAreBounded) {
  options.session_rows_max = 3;
  for (std::uint64_t i = 1; i <= 10; ++i) start(i, "phone", i * 10);
  int rows = 0;
  state.each("session/", [&](auto, auto&) { return ++rows; });
  EXPECT_LE(rows, 5);
  EXPECT_TRUE(find_session(state, ref(10)));
}

class Dedup : public SessionRows {
 protected:
  bool seen(std::uint64_t stamp, const std::string& origin, const std::string& to = "bob@example.org",
            std::uint64_t hash = 1) {
    record::Stanza stanza;
    stanza.set_origin_id(origin);
    stanza.set_to(to);
    stanza.set_payload_hash(hash);
    auto context = apply(stamp);
    return seen_before(context, stanza);
  }
};

TEST_F(Dedup, C2_ARetryIsSeen) {
  EXPECT_FALSE(seen(kDay, "a"));
  EXPECT_TRUE(seen(kDay + 1, "a"));
}
TEST_F(Dedup, C2_AnotherRecipientOrPayloadIsNew) {
  EXPECT_FALSE(seen(kDay, "a"));
  EXPECT_FALSE(seen(kDay, "a", "carol@example.org"));
  EXPECT_FALSE(seen(kDay, "a", "bob@example.org", 2));
}
TEST_F(Dedup, C2_WithoutAnOriginIdNothingIsSeen) {
  EXPECT_FALSE(seen(kDay, ""));
  EXPECT_FALSE(seen(kDay, ""));
}
TEST_F(Dedup, C2_SevenDaysAreRememberedAndThenForgotten) {
  EXPECT_FALSE(seen(10 * kDay, "a"));
  EXPECT_TRUE(seen(17 * kDay, "a"));
  EXPECT_FALSE(seen(10 * kDay, "b"));
  EXPECT_FALSE(seen(18 * kDay, "a"));
  int rows = 0;
  state.each("dedup/", [&](auto, auto&) { return ++rows; });
  EXPECT_EQ(rows, 1);
}
TEST_F(Dedup, OfMoreThanDedupMaxTheOldestAreForgotten) {
  options.dedup_max = 100;
  state.put("dedup/" + record::big_endian(std::uint64_t{5}) + record::big_endian(std::uint32_t{10}),
            "");  // older still
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(seen(10 * kDay + i, std::to_string(i)));
    std::size_t rows = 0;
    state.each("dedup/", [&](auto, auto&) { return ++rows != 0; });
    ASSERT_LE(rows, 100u);
  }
  for (int i = 930; i < 1000; ++i) EXPECT_TRUE(seen(11 * kDay, std::to_string(i))) << i;
  EXPECT_FALSE(seen(11 * kDay, "0"));
}

}  // namespace
}  // namespace iris::shard
