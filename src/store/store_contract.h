// What every Store promises (store/store.h), as tests, one sentence each.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/store.h"

namespace iris::store {

// How the suite sees an implementation. Made per test.
class StoreWorld {
 public:
  virtual ~StoreWorld() = default;
  virtual Store& store() = 0;
  virtual io::Loop& loop(std::uint32_t number) = 0;  // 0 and 1
  // Runs until `done` says so, which is asked on loop 0; false if that does not come to pass.
  virtual bool run_until(std::function<bool()> done) = 0;
  // What was durable stays, all else is gone; loops are new ones.
  virtual void restart() = 0;
};

struct StoreImplementation {
  std::string name;
  std::function<std::unique_ptr<StoreWorld>()> make;
};

class StoreContract : public testing::TestWithParam<StoreImplementation> {
 protected:
  void SetUp() override { world_ = GetParam().make(); }

  Store& store() { return world_->store(); }
  io::Loop& loop(std::uint32_t number = 0) { return world_->loop(number); }

  template <typename T>
  Result<T> wait_for(std::function<void(Callback<void(Result<T>)>)> ask) {
    auto result = std::make_shared<std::optional<Result<T>>>();
    loop().post([ask = std::move(ask), result] { ask([result](Result<T> got) { *result = std::move(got); }); });
    EXPECT_TRUE(world_->run_until([&] { return result->has_value(); }));
    if (!result->has_value()) return base::Error{base::Errc::unavailable, "no completion"};
    return std::move(**result);
  }
  void put(std::vector<Write> writes) {
    ASSERT_TRUE(wait_for<base::Unit>([=, this](auto done) { store().write(writes, loop(), std::move(done)); }).ok());
  }
  std::optional<Row> read(Table table, std::string key, std::string clustering) {
    auto row = wait_for<std::optional<Row>>(
        [=, this](auto done) { store().read(table, key, clustering, loop(), std::move(done)); });
    EXPECT_TRUE(row.ok());
    return row.ok() ? *row : std::nullopt;
  }
  Page scan(Table table, std::string key, Range range) {
    auto page = wait_for<Page>([=, this](auto done) { store().scan(table, key, range, loop(), std::move(done)); });
    EXPECT_TRUE(page.ok());
    return page.ok() ? *page : Page{};
  }
  std::vector<std::string> keys(Table table, std::string after, std::size_t keys_max) {
    auto found = wait_for<std::vector<std::string>>(
        [=, this](auto done) { store().keys(table, after, keys_max, loop(), std::move(done)); });
    EXPECT_TRUE(found.ok());
    return found.ok() ? *found : std::vector<std::string>{};
  }
  // The value at state [juliet]/"row", or "none".
  std::string value() {
    const auto row = read(Table::state, "juliet@example.org", "row");
    return row ? row->value : "none";
  }
  static Write at(std::uint64_t stamp, std::optional<std::string> value) {
    return {Table::state, "juliet@example.org", "row", std::move(value), {stamp}};
  }
  static std::string names(const Page& page) {
    std::string out;
    for (const Row& row : page.rows) out += row.clustering;
    return out;
  }
  // Rows "a" to "h" in the archive of juliet.
  void put_letters() {
    std::vector<Write> writes;
    for (char c = 'a'; c <= 'h'; ++c)
      writes.push_back({Table::archive, "juliet@example.org", std::string(1, c), "value", {5}});
    writes.push_back({Table::archive, "julie@example.org", "z", "another", {5}});
    writes.push_back({Table::archive, "juliet@example.orgx", "0", "another", {5}});
    put(std::move(writes));
  }

  std::unique_ptr<StoreWorld> world_;
};

TEST_P(StoreContract, WhatIsWrittenIsReadWithItsStamp) {
  put({{Table::archive, "juliet@example.org", "k", "hello", {7}}});
  const auto row = read(Table::archive, "juliet@example.org", "k");
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->clustering, "k");
  EXPECT_EQ(row->value, "hello");
  EXPECT_EQ(row->stamp.value, 7u);
}

TEST_P(StoreContract, WhatIsNotThereIsNothingAndNoError) {
  EXPECT_FALSE(read(Table::state, "nobody@example.org", "row").has_value());
  EXPECT_TRUE(scan(Table::state, "nobody@example.org", {}).rows.empty());
}

TEST_P(StoreContract, TablesAreApart) {
  put({{Table::state, "juliet@example.org", "k", "state", {7}}});
  EXPECT_FALSE(read(Table::cursor, "juliet@example.org", "k").has_value());
}

TEST_P(StoreContract, ALowerStampNeverChangesARow) {
  put({at(10, "new")});
  put({at(9, "old")});
  EXPECT_EQ(value(), "new");
  put({at(9, std::nullopt)});
  EXPECT_EQ(value(), "new");
}

TEST_P(StoreContract, AHigherStampDoes) {
  put({at(10, "old")});
  put({at(11, "new")});
  EXPECT_EQ(value(), "new");
  put({at(12, std::nullopt)});
  EXPECT_EQ(value(), "none");
}

TEST_P(StoreContract, AtEqualStampsTheLaterWriteWins) {
  put({at(10, "first")});
  put({at(10, "second")});
  EXPECT_EQ(value(), "second");
}

TEST_P(StoreContract, AtEqualStampsADeletionWinsBothWays) {
  put({at(10, "value")});
  put({at(10, std::nullopt)});
  EXPECT_EQ(value(), "none");
  put({at(10, "value")});
  EXPECT_EQ(value(), "none");
}

TEST_P(StoreContract, ALateWriteDoesNotBringADeletedRowBack) {
  put({at(10, std::nullopt)});
  put({at(9, "late")});
  EXPECT_EQ(value(), "none");
  put({at(11, "newer")});
  EXPECT_EQ(value(), "newer");
}

TEST_P(StoreContract, TheRuleHoldsWithinOneWriteToo) {
  put({at(11, "newer"), at(10, "older")});
  EXPECT_EQ(value(), "newer");
  put({at(12, std::nullopt), at(12, "value")});
  EXPECT_EQ(value(), "none");
}

TEST_P(StoreContract, StampsAndDeletionsSurviveARestart) {
  put({at(10, std::nullopt), {Table::cursor, "juliet@example.org", "offline", "c", {20}}});
  world_->restart();
  put({at(9, "late"), {Table::cursor, "juliet@example.org", "offline", "late", {19}}});
  EXPECT_EQ(value(), "none");
  EXPECT_EQ(read(Table::cursor, "juliet@example.org", "offline")->value, "c");
}

TEST_P(StoreContract, AnArchiveRowCanBeDeleted) {
  put({{Table::archive, "juliet@example.org", "k", "hello", {7}}});
  put({{Table::archive, "juliet@example.org", "k", std::nullopt, {8}}});
  EXPECT_FALSE(read(Table::archive, "juliet@example.org", "k").has_value());
  EXPECT_TRUE(scan(Table::archive, "juliet@example.org", {}).rows.empty());
}

TEST_P(StoreContract, ARangeOfTheArchiveIsDeletedAtOnce) {
  put_letters();
  const Write range{Table::archive, "juliet@example.org", "b", std::nullopt, {6}, "g"};
  for (int again = 0; again < 2; ++again) {
    put({range});
    EXPECT_EQ(names(scan(Table::archive, "juliet@example.org", {})), "agh");
    EXPECT_EQ(names(scan(Table::archive, "juliet@example.org", {.reverse = true})), "hga");
    EXPECT_FALSE(read(Table::archive, "juliet@example.org", "c").has_value());
    EXPECT_EQ(names(scan(Table::archive, "julie@example.org", {})), "z");
    EXPECT_EQ(names(scan(Table::archive, "juliet@example.orgx", {})), "0");
  }
  put({{Table::archive, "juliet@example.org", "", std::nullopt, {7}, "z"}});
  auto left = keys(Table::archive, "", 10);
  std::sort(left.begin(), left.end());
  EXPECT_EQ(left, (std::vector<std::string>{"julie@example.org", "juliet@example.orgx"}));
  world_->restart();
  EXPECT_EQ(names(scan(Table::archive, "juliet@example.org", {})), "");
}

TEST_P(StoreContract, ARangeTakesWhatWasBeforeItInAWriteAndLeavesWhatComesAfter) {
  const auto row = [](std::string clustering, std::uint64_t stamp) -> Write {
    return {Table::archive, "juliet@example.org", std::move(clustering), "value", {stamp}};
  };
  put({row("a", 5),
       row("b", 5),
       {Table::archive, "juliet@example.org", "", std::nullopt, {6}, "c"},
       row("b", 7),
       row("d", 7)});
  EXPECT_EQ(names(scan(Table::archive, "juliet@example.org", {})), "bd");
}

TEST_P(StoreContract, AScanGivesTheRangeInOrder) {
  put_letters();
  EXPECT_EQ(names(scan(Table::archive, "juliet@example.org", {})), "abcdefgh");
  EXPECT_EQ(names(scan(Table::archive, "juliet@example.org", {.from = "c"})), "cdefgh");
  EXPECT_EQ(names(scan(Table::archive, "juliet@example.org", {.from = "c", .to = "f"})), "cde");
  EXPECT_EQ(names(scan(Table::archive, "juliet@example.org", {.from = "bb", .to = "c"})), "");
  EXPECT_EQ(names(scan(Table::archive, "juliet@example.org", {.from = "f", .to = "c"})), "");
}

TEST_P(StoreContract, AReverseScanBeginsAtTheEndOfTheRange) {
  put_letters();
  EXPECT_EQ(names(scan(Table::archive, "juliet@example.org", {.reverse = true})), "hgfedcba");
  const Page page =
      scan(Table::archive, "juliet@example.org", {.from = "c", .to = "g", .reverse = true, .rows_max = 2});
  EXPECT_EQ(names(page), "fe");
  EXPECT_TRUE(page.more);
  EXPECT_EQ(names(scan(Table::archive, "juliet@example.org", {.from = "c", .to = "e", .reverse = true})), "dc");
}

TEST_P(StoreContract, MoreSaysWhetherTheRangeGoesOn) {
  put_letters();
  EXPECT_TRUE(scan(Table::archive, "juliet@example.org", {.rows_max = 7}).more);
  EXPECT_FALSE(scan(Table::archive, "juliet@example.org", {.rows_max = 8}).more);
  EXPECT_FALSE(scan(Table::archive, "juliet@example.org", {.to = "d", .rows_max = 3}).more);
  EXPECT_FALSE(scan(Table::archive, "juliet@example.org", {.from = "f", .reverse = true, .rows_max = 3}).more);
}

TEST_P(StoreContract, DeletedRowsAreNeitherSeenNorCounted) {
  for (int i = 0; i < 5; ++i) put({{Table::state, "juliet@example.org", std::to_string(i), "v", {5}}});
  put({{Table::state, "juliet@example.org", "1", std::nullopt, {6}},
       {Table::state, "juliet@example.org", "4", std::nullopt, {6}}});
  const Page page = scan(Table::state, "juliet@example.org", {.rows_max = 3});
  EXPECT_EQ(names(page), "023");
  EXPECT_FALSE(page.more);
}

TEST_P(StoreContract, KeysAndValuesMayHoldAnyBytes) {
  const std::string key("\0\0\1\xff", 4), clustering("\0\xff", 2), bytes("\0\0\xff\xfe", 4);
  put({{Table::checkpoint, key, clustering, bytes, {5}}, {Table::checkpoint, key, "", "empty", {5}}});
  EXPECT_EQ(read(Table::checkpoint, key, clustering)->value, bytes);
  EXPECT_EQ(scan(Table::checkpoint, key, {}).rows.size(), 2u);
  EXPECT_EQ(scan(Table::checkpoint, key, {.reverse = true}).rows.size(), 2u);
}

TEST_P(StoreContract, KeysListsEachLivingPartitionKeyOnce) {
  for (const char* name : {"a@x", "b@x", "longer@x", "c@x", "gone@x"}) {
    put({{Table::state, name, "1", "v", {5}}, {Table::state, name, "2", "v", {5}}});
  }
  put({{Table::state, "gone@x", "1", std::nullopt, {6}},
       {Table::state, "gone@x", "2", std::nullopt, {6}},
       {Table::state, "b@x", "1", std::nullopt, {6}}});
  auto all = keys(Table::state, "", 100);
  std::vector<std::string> paged;
  for (std::string after;;) {
    const auto page = keys(Table::state, after, 2);
    if (page.empty()) break;
    EXPECT_LE(page.size(), 2u);
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back();
  }
  EXPECT_EQ(paged, all);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, (std::vector<std::string>{"a@x", "b@x", "c@x", "longer@x"}));
}

// Two writers of two rows each, over and over; a reader never sees half of a write.
TEST_P(StoreContract, WritesOfOnePartitionKeyAreAtomic) {
  struct Progress {
    std::uint64_t written = 0, read = 0, torn = 0;
  };
  auto progress = std::make_shared<Progress>();
  auto write_next = std::make_shared<std::function<void()>>();
  auto read_next = std::make_shared<std::function<void()>>();
  *write_next = [this, progress, write_next] {
    const std::uint64_t n = progress->written + 1;
    const std::string text = std::to_string(n);
    store().write(
        {{Table::state, "j", "1", text, {n}}, {Table::state, "k", "1", text, {n}}, {Table::state, "j", "2", text, {n}}},
        loop(), [=](Status) {
          if (++progress->written < 300) (*write_next)();
        });
  };
  *read_next = [this, progress, read_next] {
    store().scan(Table::state, "j", {}, loop(), [=](Result<Page> page) {
      if (page.ok() && page->rows.size() != 0 && (page->rows.size() != 2 || page->rows[0].value != page->rows[1].value))
        ++progress->torn;
      ++progress->read;
      if (progress->written < 300) (*read_next)();
    });
  };
  loop().post([=] {
    (*write_next)();
    (*read_next)();
  });
  ASSERT_TRUE(world_->run_until([&] { return progress->written == 300; }));
  world_->restart();
  *write_next = nullptr;
  *read_next = nullptr;
  EXPECT_EQ(progress->torn, 0u);
  EXPECT_GT(progress->read, 10u);
}

TEST_P(StoreContract, CompletionsRunOnTheNamedLoopAndNeverInsideTheCall) {
  struct Seen {
    int ran = 0, inside = 0, elsewhere = 0;
    bool calling = false;
  };
  auto seen = std::make_shared<Seen>();
  auto done = std::make_shared<std::optional<Seen>>();
  loop(1).post([this, seen, done] {
    seen->calling = true;
    const auto note = [this, seen, done](const auto&) {
      ++seen->ran;
      seen->inside += seen->calling;
      seen->elsewhere += !loop(1).on_this_thread();
      if (seen->ran == 4) loop(0).post([done, copy = *seen] { *done = copy; });
    };
    store().write({at(1, "v")}, loop(1), note);
    store().read(Table::state, "a", "b", loop(1), note);
    store().scan(Table::state, "a", {}, loop(1), note);
    store().keys(Table::state, "", 10, loop(1), note);
    seen->calling = false;
  });
  ASSERT_TRUE(world_->run_until([&] { return done->has_value(); }));
  EXPECT_EQ((*done)->inside, 0);
  EXPECT_EQ((*done)->elsewhere, 0);
}

}  // namespace iris::store
