// What is due to a session whose registrations, presence and deliveries overtake each other on the Bus.
#include "shard/sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "io/sim_loop.h"

namespace iris::shard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Got = std::pair<std::uint64_t, std::string>;

class FakePort final : public SessionsPort {
 public:
  const Options& options() const override { return options_; }
  std::string_view entity() const override { return "romeo@localhost"; }
  io::Loop& loop() override { return loop_; }
  std::int64_t epoch() const override { return 1; }
  void send(const bus::Address&, record::BusMessage message) override {
    if (!message.has_deliver()) return;
    const auto& deliver = message.deliver();
    if (deliver.chain() == record::INBOX) after_direct[deliver.stamp()] = deliver.after_direct();
    if (deliver.xml_size() > 0) sent[deliver.number()].emplace_back(deliver.stamp(), deliver.xml(0));
  }
  std::vector<std::string> render(const record::ArchiveRow&, base::Stamp, bool) override { return {"message"}; }
  std::string render_copy(const record::ArchiveRow&, base::Stamp, std::string_view) override { return "copy"; }
  void read_rows(base::Stamp after, std::size_t, base::Callback<void(base::Result<Rows>)> done) override {
    waiting = [this, after, done = std::move(done)]() mutable {
      Rows out{{}, last, false};
      for (const auto& [at, row] : rows)
        if (at > after) out.rows.emplace_back(at, row);
      done(std::move(out));
    };
    if (!store_is_slow) read();
  }
  base::Stamp last_row() const override { return last; }
  base::Stamp applied() const override { return last; }
  void offline_position_moved() override {}

  void read() {
    while (waiting) std::exchange(waiting, nullptr)();
  }

  std::map<base::Stamp, record::ArchiveRow> rows;
  base::Stamp last;
  bool store_is_slow = false;
  base::Callback<void()> waiting;
  std::map<std::uint64_t, std::vector<Got>> sent;       // by registration; without those that say nothing
  std::map<std::uint64_t, std::uint64_t> after_direct;  // of the inbox

 private:
  Options options_;
  io::SimWorld world_{{.seed = 1}};
  io::SimLoop& loop_ = world_.add_loop("shard");
};

class SessionsTest : public testing::Test {
 protected:
  Session& registers(std::uint64_t number, std::uint64_t direct_last = 0, std::uint64_t inbox_last = 0,
                     bool inbox_open = false, int priority = 0) {
    record::SessionRef ref;
    ref.set_number(1);
    record::Register in;
    in.set_resource("orchard");
    in.set_number(number);
    in.set_direct_last(direct_last);
    in.set_inbox_last(inbox_last);
    in.set_inbox_open(inbox_open);
    in.set_available(inbox_open);
    in.set_priority(priority);
    in.set_carbons(carbons);
    return sessions.put(ref, in, base::Stamp{1});
  }
  void shows(Session& session, int priority) {
    session.available = true;
    session.priority = priority;
    session.entitled() ? sessions.open_inbox(session) : sessions.close_inbox(session);
  }
  void comes(std::uint64_t stamp) {
    record::ArchiveRow row;
    row.set_inbox(true);
    row.set_offline(true);
    row.set_carbon(true);
    port.rows[base::Stamp{stamp}] = row;
    port.last = base::Stamp{stamp};
    sessions.row(port.last, row);
  }
  // Row 10, to a session that has become entitled when others had read it.
  Session& copied_because_the_inbox_skips_it() {
    auto& session = registers(1);
    sessions.set_carbons(session, true);
    shows(session, 0);
    shows(session, -1);
    port.store_is_slow = true;
    session.behind = true;  // its edge does not keep up
    comes(10);
    sessions.load_offline_position(base::Stamp{10});  // another one does
    shows(session, 0);
    port.read();
    return session;
  }

  FakePort port;
  Sessions sessions{port};
  bool carbons = false;
};

TEST_F(SessionsTest, AnInboxOfWhichItsEdgeGotNothingBeginsWhereItWasBegunAtFirst) {
  auto& session = registers(1);
  shows(session, 0);
  comes(10);
  EXPECT_THAT(port.sent[1], ElementsAre(Got(10, "message")));  // which gets lost
  shows(session, -1);
  shows(session, 0);
  registers(2, 1, 0, true);
  EXPECT_THAT(port.sent[2], ElementsAre(Got(10, "message")));
}

TEST_F(SessionsTest, AnInboxBegunBeyondWhatItsEdgeGotGoesOnFromThere) {
  auto& session = registers(1);
  shows(session, 0);
  comes(10);
  comes(11);
  shows(session, -1);
  shows(session, 0);
  registers(2, 1, 10, true);  // 11 got lost
  EXPECT_THAT(port.sent[2], ElementsAre(Got(11, "message")));
}

TEST_F(SessionsTest, WhatGotLostOnTheWayComesThoughOthersHaveReadIt) {
  auto& session = registers(1);
  shows(session, 0);
  comes(10);
  comes(11);
  shows(session, -1);
  registers(2, 1, 10, true, -1);  // 11 got lost
  sessions.load_offline_position(base::Stamp{11});
  shows(session, 0);
  EXPECT_THAT(port.sent[2], ElementsAre(Got(11, "message")));
}

TEST_F(SessionsTest, WhatWasCopiedBecauseTheInboxSkipsItIsHadWhenItDoesNot) {
  copied_because_the_inbox_skips_it();
  EXPECT_THAT(port.sent[1], ElementsAre(Got(10, "copy")));
  carbons = true;
  registers(2, 10, 0, true);
  port.read();
  EXPECT_THAT(port.sent[2], IsEmpty());
}

TEST_F(SessionsTest, WhatTheInboxSkipsIsCopiedAgainThoughItsPriorityHasTurnedSince) {
  auto& session = copied_because_the_inbox_skips_it();
  shows(session, -1);
  shows(session, 0);
  carbons = true;
  registers(2, 1, 10, true);  // the copy got lost; that the inbox begins beyond it did not
  port.read();
  EXPECT_THAT(port.sent[2], ElementsAre(Got(10, "copy")));
}

TEST_F(SessionsTest, WhatWasCopiedIsPassedOverHoweverOftenItsPriorityTurns) {
  auto& session = registers(1);
  sessions.set_carbons(session, true);
  shows(session, -1);
  comes(10);
  EXPECT_THAT(port.sent[1], ElementsAre(Got(10, "copy")));
  port.store_is_slow = true;
  for (int i = 0; i < 3; ++i) shows(session, 0), shows(session, -1);
  shows(session, 0);
  port.read();
  EXPECT_THAT(port.sent[1], ElementsAre(Got(10, "copy")));
}

// The inbox passes over a copy without a word of its own: if the copy got lost, what comes after it must not be taken.
TEST_F(SessionsTest, WhatTheInboxBringsComesBehindTheCopiesThatItPassesOver) {
  auto& session = registers(1);
  sessions.set_carbons(session, true);
  shows(session, -1);
  comes(10);
  shows(session, 0);
  comes(20);
  EXPECT_THAT(port.sent[1], ElementsAre(Got(10, "copy"), Got(20, "message")));
  EXPECT_EQ(port.after_direct[20], 10u);
}

TEST_F(SessionsTest, WhatTheInboxBroughtIsNotCopiedWhenItHasToBeReadAgain) {
  auto& session = registers(1);
  sessions.set_carbons(session, true);
  shows(session, 0);
  comes(10);
  shows(session, -1);
  comes(11);
  port.store_is_slow = true;
  shows(session, 0);
  shows(session, -1);
  port.read();
  EXPECT_THAT(port.sent[1], ElementsAre(Got(10, "message"), Got(11, "copy")));
}

TEST_F(SessionsTest, WhatItsEdgeHasOfTheInboxIsNotCopiedBehindARegistration) {
  auto& session = registers(1);
  sessions.set_carbons(session, true);
  shows(session, 0);
  comes(10);
  comes(11);
  carbons = true;
  port.store_is_slow = true;
  registers(2, 1, 10, true);  // 11 got lost
  shows(session, -1);
  port.read();
  EXPECT_THAT(port.sent[2], ElementsAre(Got(11, "copy")));
}

}  // namespace
}  // namespace iris::shard
