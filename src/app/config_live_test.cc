#include "app/config_live.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config_schema.h"

namespace iris::app {
namespace {

TEST(ConfigLive, EachKeyCanBeComparedAndTaken) {
  Config a, b;
  for (const Key& key : config_schema()) {
    ASSERT_TRUE(key.copy && key.differs) << key.name;
    EXPECT_FALSE(key.differs(a, b)) << key.name;
  }
}

// What apply reads must wait for a restart, and what a deployment is made of for ever (rule S3).
TEST(ConfigLive, WhatApplyReadsWaits) {
  for (const char* key : {"account.roster_items_max", "engine.dedup_days", "engine.pending_max", "storage.free_min",
                          "auth.allow_plaintext"}) {
    ASSERT_NE(find_key(key), nullptr) << key;
    EXPECT_EQ(takes_effect(key), Takes::restart) << key;
  }
  for (const char* key : {"server.domain", "server.partitions"}) EXPECT_EQ(takes_effect(key), Takes::never) << key;
}

TEST(ConfigLive, TakesAndNames) {
  Config running, fresh;
  fresh.edge.stanza_bytes_max = 20'000;
  fresh.log_level = base::Level::debug;
  fresh.domain = "example.org";
  const auto changes = take_live(running, fresh);
  EXPECT_THAT(changes.taken, ::testing::ElementsAre("limits.stanza", "log.level"));
  EXPECT_THAT(changes.waiting, ::testing::ElementsAre("server.domain"));
  EXPECT_EQ(running.edge.stanza_bytes_max, 20'000u);
  EXPECT_EQ(running.domain, "localhost");
}

// A name in the list of live keys that is no key is a typing error.
TEST(ConfigLive, LiveKeysAreKeys) {
  for (std::string_view name : live_keys()) EXPECT_NE(find_key(name), nullptr) << name;
}

}  // namespace
}  // namespace iris::app
