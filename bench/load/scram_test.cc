#include "load/scram.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "load/key_cache.h"

namespace iris::load {
namespace {

// The examples of RFC 5802 §5 and RFC 7677 §3.
struct Example {
  ScramHash hash;
  const char *nonce, *first, *server_first, *final, *server_final;
};
const Example kExamples[] = {
    {ScramHash::sha1, "fyko+d2lbbFgONRv9qkxdawL", "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
     "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
     "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
     "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
    {ScramHash::sha256, "rOprNGfwEbeRWgbNEkqO", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
     "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
     "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
     "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
};

TEST(Scram, SpeaksAsTheExamplesOfTheTexts) {
  for (const Example& example : kExamples) {
    KeyCache cache;
    ScramClient client(example.hash, "user", example.nonce);
    EXPECT_EQ(client.first(), example.first);
    EXPECT_EQ(client.final(example.server_first, "pencil", cache), example.final);
    EXPECT_TRUE(client.good(example.server_final));
    EXPECT_FALSE(client.good("v=AAAA"));
    EXPECT_FALSE(client.good("e=invalid-proof"));
  }
}

TEST(Scram, RefusesWhatIsNoChallenge) {
  KeyCache cache;
  for (const char* challenge : {"", "r=other,s=QSXCR+Q6sek8bf92,i=4096", "r=abc,s=QSXCR+Q6sek8bf92,i=4096",
                                "r=abcd,s=?,i=4096", "r=abcd,s=QSXCR+Q6sek8bf92,i=0", "r=abcd,s=QSXCR+Q6sek8bf92"}) {
    ScramClient client(ScramHash::sha256, "user", "abc");
    EXPECT_EQ(client.final(challenge, "pencil", cache), std::nullopt) << challenge;
  }
  EXPECT_EQ(cache.derived(), 0U);
}

TEST(KeyCache, DerivesOncePerAccount) {
  KeyCache cache;
  const ClientKeys first = cache.keys(ScramHash::sha256, "pw", "salt", 4096);
  EXPECT_EQ(cache.keys(ScramHash::sha256, "pw", "salt", 4096), first);
  EXPECT_EQ(cache.derived(), 1U);
  EXPECT_NE(cache.keys(ScramHash::sha256, "pw", "other", 4096), first);
  EXPECT_NE(cache.keys(ScramHash::sha256, "other", "salt", 4096), first);
  EXPECT_NE(cache.keys(ScramHash::sha256, "pw", "salt", 4097), first);
  EXPECT_NE(cache.keys(ScramHash::sha1, "pw", "salt", 4096), first);
  EXPECT_EQ(cache.derived(), 5U);
}

class KeyCacheFile : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  const std::string path_ = ::testing::TempDir() + "keys-" + std::to_string(getpid());
};

TEST_F(KeyCacheFile, TheNextRunDerivesNothing) {
  KeyCache cache;
  const ClientKeys keys = cache.keys(ScramHash::sha256, "pw", "salt", 4096);
  ASSERT_TRUE(cache.save(path_));
  cache.keys(ScramHash::sha1, "pw", "salt", 4096);
  ASSERT_TRUE(cache.save(path_));
  KeyCache next;
  ASSERT_TRUE(next.load(path_));
  EXPECT_EQ(next.size(), 2U);
  EXPECT_EQ(next.keys(ScramHash::sha256, "pw", "salt", 4096), keys);
  next.keys(ScramHash::sha1, "pw", "salt", 4096);
  EXPECT_EQ(next.derived(), 0U);
  const auto permissions = std::filesystem::status(path_).permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(KeyCacheFile, AFileThatIsNotThereIsEmptyAndASpoiltLineIsLeftOut) {
  KeyCache cache;
  ASSERT_TRUE(cache.load(path_ + ".not-there"));
  std::ofstream(path_) << "SCRAM-SHA-256 4096 AAAA AAAA AAAA AAAA\nhalf a li";
  ASSERT_TRUE(cache.load(path_));
  EXPECT_EQ(cache.size(), 0U);
}

}  // namespace
}  // namespace iris::load
