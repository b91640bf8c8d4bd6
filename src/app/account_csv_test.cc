#include "app/account_csv.h"

#include <gtest/gtest.h>
#include <sstream>

namespace iris::app {
namespace {

struct Read {
  std::vector<ImportedAccount> accounts;
  std::vector<ImportFailure> failures;
};

Read read(const std::string& text) {
  Read out;
  std::istringstream in(text);
  read_account_csv(
      in, [&](ImportedAccount one) { out.accounts.push_back(std::move(one)); },
      [&](ImportFailure one) { out.failures.push_back(std::move(one)); });
  return out;
}

TEST(AccountCsv, TwoColumnsAreAPassword) {
  const Read got = read("a@x,one\r\n\nb@x,\"t\"\"w,o\"\n");
  ASSERT_EQ(got.accounts.size(), 2u);
  EXPECT_EQ(got.accounts[0].password, "one");
  EXPECT_EQ(got.accounts[1].password, "t\"w,o");
  EXPECT_EQ(got.accounts[1].line, 3u);
  EXPECT_TRUE(got.failures.empty());
}

TEST(AccountCsv, NeighbouringKeysOfOneAddressAreOneAccount) {
  const Read got = read(
      "a@x,SCRAM-SHA-1,4096,c2FsdA==,c3Rv,c2Vy\n"
      "a@x,SCRAM-SHA-256,8192,c2FsdA==,c3Rv,c2Vy\n"
      "b@x,SCRAM-SHA-1,4096,c2FsdA==,c3Rv,c2Vy\n");
  ASSERT_EQ(got.accounts.size(), 2u);
  ASSERT_EQ(got.accounts[0].keys.size(), 2u);
  EXPECT_EQ(got.accounts[0].keys[1].mechanism, "SCRAM-SHA-256");
  EXPECT_EQ(got.accounts[0].keys[1].iterations, 8192u);
  EXPECT_EQ(got.accounts[1].user, "b@x");
}

TEST(AccountCsv, BadLinesAreReportedAndTheRestIsRead) {
  const Read got = read("a@x\nb@x,1,2\nc@x,\"open\nd@x,pw\ne@x,SCRAM-SHA-1,many,YQ==,YQ==,YQ==\n");
  ASSERT_EQ(got.accounts.size(), 1u);
  EXPECT_EQ(got.accounts[0].user, "d@x");
  ASSERT_EQ(got.failures.size(), 4u);
  EXPECT_EQ(got.failures[3].line, 5u);
}

// What is no file of accounts at all may have no line in it.
TEST(AccountCsv, ALineThatIsTooLongIsPassedBy) {
  const Read got = read("a@x,one\n" + std::string(1 << 20, 'x') + "\nb@x,two\nc@x,three");
  ASSERT_EQ(got.accounts.size(), 3u);
  EXPECT_EQ(got.accounts[2].password, "three");
  EXPECT_EQ(got.accounts[2].line, 4u);
  ASSERT_EQ(got.failures.size(), 1u);
  EXPECT_EQ(got.failures[0].line, 2u);
  EXPECT_EQ(got.failures[0].reason, "the line is too long");
}

TEST(AccountCsv, OneAccountHasFewKeys) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "a@x,SCRAM-SHA-1,4096,c2FsdA==,c3Rv,c2Vy\n";
  for (const auto& account : read(text).accounts) EXPECT_LE(account.keys.size(), 8u);
}

TEST(AccountCsv, EmptyFileIsNoAccount) { EXPECT_TRUE(read("").accounts.empty()); }

}  // namespace
}  // namespace iris::app
