#include "rocks/manifest_tail.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "rocks/database.h"

namespace iris::rocks {
namespace {

class ManifestTail : public testing::Test {
 protected:
  ManifestTail() {
    char name[] = "/tmp/iris-manifest-test-XXXXXX";
    if (mkdtemp(name) == nullptr) std::abort();
    options_.directory = name;
    options_.partitions = 2;
  }
  ~ManifestTail() override { std::filesystem::remove_all(options_.directory); }

  std::string open() {
    auto database = Database::open(options_);
    return database.ok() ? "" : database.error().message;
  }
  std::string path() const {
    std::ifstream current(options_.directory + "/db/CURRENT");
    std::string name;
    std::getline(current, name);
    return options_.directory + "/db/" + name;
  }
  std::string read() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void append(const std::string& bytes) { std::ofstream(path(), std::ios::binary | std::ios::app) << bytes; }
  bool cut() { return cut_torn_manifest_tail(*rocksdb::Env::Default(), options_.directory + "/db"); }

  EngineOptions options_;
};

// A record of 100 bytes, of which so many are there, and the rest zeros.
std::string torn_record(std::size_t there) {
  std::string record("\x12\x34\x56\x78\x64\0\x01", 7);
  record += std::string(there, 'r');
  record.resize(107, '\0');
  return record;
}

TEST_F(ManifestTail, ATornEditIsCutOffAndTheDatabaseOpens) {
  for (const std::size_t there : {0, 1, 99}) {
    ASSERT_EQ(open(), "");
    append(torn_record(there));
    EXPECT_EQ(open(), "") << there;
  }
}

TEST_F(ManifestTail, WhatWasThereBeforeStays) {
  ASSERT_EQ(open(), "");
  const auto before = read();
  append(torn_record(20) + std::string(5000, '\0'));
  EXPECT_TRUE(cut());
  EXPECT_EQ(read(), before);
  EXPECT_FALSE(cut());
}

TEST_F(ManifestTail, OtherDamageIsRefusedAndNotTouched) {
  ASSERT_EQ(open(), "");
  const auto whole = read();
  // No zeros at its end: a disk that changes bytes, not one that lost its power.
  append(torn_record(100));
  auto damaged = read();
  EXPECT_NE(open(), "");
  EXPECT_EQ(read(), damaged);
  // Torn, and damaged elsewhere too.
  std::ofstream(path(), std::ios::binary) << whole;
  append(torn_record(100) + torn_record(10));
  EXPECT_NE(open(), "");
}

}  // namespace
}  // namespace iris::rocks
