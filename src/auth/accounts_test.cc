#include "auth/accounts.h"

#include <gtest/gtest.h>

#include <optional>

#include "io/sim_loop.h"
#include "log/sim_log.h"
#include "record/codec.h"
#include "record/partition.h"

namespace iris::auth {
namespace {

using namespace std::chrono_literals;
using base::Errc;

class AccountsTest : public testing::Test {
 protected:
  Accounts::Done keep() {
    return [this](base::Result<Accounts::Outcome> got) {
      EXPECT_FALSE(outcome) << "answered twice";
      outcome = std::move(got);
    };
  }
  // The newest record of an account's partition.
  record::Record newest(const std::string& bare) {
    const auto& records = log.records(record::partition_of(bare, 4));
    return record::decode_record(records.back().bytes).value();
  }

  io::SimWorld world;
  io::SimLoop& loop = world.add_loop("edge");
  log::SimLog log{world, {.partitions = 4}};
  Accounts accounts{log, loop, nullptr, {"local", 3}};
  std::optional<base::Result<Accounts::Outcome>> outcome;
};

TEST_F(AccountsTest, AppendsTheChangeAndWaitsForItsShard) {
  accounts.create("romeo@localhost", "secret", keep());
  world.run_for(100ms);
  EXPECT_FALSE(outcome);
  const auto record = newest("romeo@localhost");
  EXPECT_EQ(record.entity(), "romeo@localhost");
  const auto& change = record.account_change();
  EXPECT_EQ(change.change(), record::AccountChange::CREATE);
  ASSERT_EQ(change.keys_size(), 2);
  EXPECT_EQ(change.keys(0).mechanism(), "SCRAM-SHA-1");
  EXPECT_EQ(change.keys(1).mechanism(), "SCRAM-SHA-256");
  EXPECT_NE(change.keys(0).salt(), change.keys(1).salt());
  EXPECT_EQ(change.reply_to().node(), "local");
  EXPECT_EQ(change.reply_to().loop(), 3u);

  record::AccountChanged answer;
  answer.set_request(change.request());
  answer.set_outcome(record::AccountChanged::EXISTS);
  accounts.on_bus(answer);
  accounts.on_bus(answer);  // doubled by the Bus
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(**outcome, record::AccountChanged::EXISTS);
}

TEST_F(AccountsTest, NothingIsAppendedForWhatCannotBeAPassword) {
  accounts.set_password("romeo@localhost", "", keep());
  world.run_for(100ms);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().code, Errc::invalid);
  EXPECT_TRUE(log.records(record::partition_of("romeo@localhost", 4)).empty());
}

TEST_F(AccountsTest, AFailedAppendIsToldAtOnce) {
  log.options().append_no_space = 1;
  accounts.remove("romeo@localhost", keep());
  world.run_for(100ms);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().code, Errc::no_space);
}

TEST_F(AccountsTest, WithoutAnAnswerTheOutcomeIsUnknown) {
  accounts.remove("romeo@localhost", keep());
  world.run_for(60s);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().code, Errc::unknown_outcome);
}

}  // namespace
}  // namespace iris::auth
