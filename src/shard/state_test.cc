#include "shard/state.h"

#include <gtest/gtest.h>

namespace iris::shard {
namespace {

using Keys = std::vector<std::string>;

Keys seen(const State& state, std::string_view prefix) {
  Keys out;
  state.each(prefix, [&](std::string_view rest, const std::string&) {
    out.emplace_back(rest);
    return true;
  });
  return out;
}

TEST(State, KeysWithASlashAndWithoutAreFoundAlike) {
  State state;
  for (const char* key : {"b", "roster/x", "roster", "a/1", "a/1/2", "a", "/", "dedup/b"}) state.put(key, key);
  EXPECT_EQ(state.size(), 8u);
  for (const auto& key : state.keys()) {
    ASSERT_NE(state.find(key), nullptr) << key;
    EXPECT_EQ(*state.find(key), key);
  }
  EXPECT_EQ(state.find("roster/"), nullptr);
  EXPECT_EQ(state.find("x"), nullptr);
  EXPECT_EQ(state.find("nobody/x"), nullptr);
}

TEST(State, EachGoesInKeyOrderThroughWhatBeginsWithThePrefix) {
  State state;
  for (const char* key : {"a/2", "a/10", "a/1", "b/1", "a", "a/"}) state.load(key, "");
  EXPECT_EQ(seen(state, "a/"), (Keys{"", "1", "10", "2"}));
  EXPECT_EQ(seen(state, "a/1"), (Keys{"", "0"}));
  EXPECT_EQ(seen(state, "c/"), Keys{});
  EXPECT_EQ(state.count("a/"), 4u);
  EXPECT_EQ(state.count("c/"), 0u);
  Keys backwards;
  state.each_from_last("a/", [&](std::string_view rest, const std::string&) {
    backwards.emplace_back(rest);
    return backwards.size() < 3;
  });
  EXPECT_EQ(backwards, (Keys{"2", "10", "1"}));
  std::size_t visits = 0;
  state.each("a/", [&](std::string_view, const std::string&) { return ++visits < 2; });
  EXPECT_EQ(visits, 2u);
}

TEST(State, ChangesAreTheLastOfEachKeySinceTheyWereTaken) {
  State state;
  state.load("a/old", "1");
  EXPECT_TRUE(state.take_changes().empty());
  state.begin({1});
  state.put("a/old", "2");
  state.put("new", "1");
  state.begin({2});
  state.put("new", "2");
  state.erase("a/old");
  state.erase("not there");
  const auto changes = state.take_changes();
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes.at("a/old").value, std::nullopt);
  EXPECT_EQ(changes.at("new").value, "2");
  EXPECT_EQ(changes.at("new").stamp, base::Stamp{2});
  EXPECT_TRUE(state.take_changes().empty());
  EXPECT_EQ(state.keys(), Keys{"new"});
  state.erase("new");
  EXPECT_TRUE(state.empty());
}

}  // namespace
}  // namespace iris::shard
