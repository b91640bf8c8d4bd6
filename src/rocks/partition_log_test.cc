#include "rocks/partition_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace iris::rocks {
namespace {

using base::Offset;
using Where = PartitionLog::Where;

class PartitionLogTest : public testing::Test {
 protected:
  PartitionLogTest() { log_.open({0}, {0}); }
  void add(int count, std::size_t tail_bytes_max = 1000) {
    std::vector<LoggedRecord> records;
    for (int i = 0; i < count; ++i) records.push_back({{end_++}, {}, std::string(10, 'r')});
    log_.add(std::move(records), tail_bytes_max);
  }
  // Where, and how many were found.
  std::pair<Where, std::size_t> look(std::int64_t from, std::size_t bytes_max = 1000) {
    Fetch fetch{.from = {from}, .bytes_max = bytes_max};
    std::vector<LoggedRecord> out;
    const Where where = log_.look(fetch, out);
    if (!out.empty()) { EXPECT_EQ(out.front().offset.value, from); }
    return {where, out.size()};
  }

  PartitionLog log_;
  std::int64_t end_ = 0;
};

using Found = std::pair<Where, std::size_t>;

TEST_F(PartitionLogTest, gives_the_newest_from_memory_as_many_as_were_asked_for) {
  add(5);
  EXPECT_EQ(look(0, 25), Found(Where::memory, 2));
  EXPECT_EQ(look(2, 1), Found(Where::memory, 1));  // one at least
  EXPECT_EQ(look(3), Found(Where::memory, 2));
  EXPECT_EQ(look(5), Found(Where::waiting, 0));
}

TEST_F(PartitionLogTest, what_was_fetched_leaves_the_memory_and_is_on_disk) {
  add(5);
  EXPECT_EQ(look(0, 25), Found(Where::memory, 2));
  EXPECT_EQ(look(0), Found(Where::disk, 0));
  EXPECT_EQ(look(2), Found(Where::memory, 3));
}

TEST_F(PartitionLogTest, what_is_before_a_fetch_leaves_the_memory) {
  add(5);
  EXPECT_EQ(look(3, 1), Found(Where::memory, 1));
  EXPECT_EQ(look(2), Found(Where::disk, 0));
  EXPECT_EQ(look(4), Found(Where::memory, 1));
}

TEST_F(PartitionLogTest, what_nobody_fetches_is_bounded) {
  add(5, 25);
  EXPECT_EQ(look(2), Found(Where::disk, 0));
  EXPECT_EQ(look(3), Found(Where::memory, 2));
}

TEST_F(PartitionLogTest, offsets_that_it_does_not_have_are_outside) {
  add(5);
  log_.set_begin({2});
  EXPECT_EQ(look(1).first, Where::outside);
  EXPECT_EQ(look(6).first, Where::outside);
}

}  // namespace
}  // namespace iris::rocks
