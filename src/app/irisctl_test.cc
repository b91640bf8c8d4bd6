// irisctl as a script and a person see it: exit codes, what is refused, the order of lists, names in JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/server_for_tests.h"

namespace iris::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class Irisctl : public ServerTest {};

// 2 is the command line alone: what the server or a file refuses is 1, as the help says.
TEST_F(Irisctl, WhatIsRefusedIsNoWrongCommandLine) {
  EXPECT_EQ(irisctl({"account", "import", data_ + "/nowhere"}), 1);
  EXPECT_THAT(err_, HasSubstr("cannot read " + data_ + "/nowhere"));
  ASSERT_EQ(start(config()), "");
  EXPECT_EQ(irisctl({"account", "add", "@", "--password", "x"}), 1);
  EXPECT_EQ(irisctl({"account", "import", write_csv("no comma\n")}), 1);
  EXPECT_EQ(irisctl({"account", "add", "juliet"}), 2);
  EXPECT_EQ(irisctl({"--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("2 wrong command line, 3 no irisd"));
}

TEST_F(Irisctl, HelpIsOfferedForWhatStandsBeforeTheWrongWord) {
  EXPECT_EQ(irisctl({"server", "status", "--json"}), 2);
  EXPECT_THAT(err_, HasSubstr("'server' is no command."));
  EXPECT_THAT(err_, HasSubstr("Run 'irisctl --help' for more."));
  EXPECT_EQ(irisctl({"account", "lst"}), 2);
  EXPECT_THAT(err_, HasSubstr("Run 'irisctl account --help' for more."));
  EXPECT_EQ(irisctl({"account", "add"}), 2);
  EXPECT_THAT(err_, HasSubstr("Run 'irisctl account add --help' for more."));
}

TEST_F(Irisctl, AFlagTakesNoValue) {
  ASSERT_EQ(start(config()), "");
  for (const char* flag : {"--json=3", "--json=0"}) {
    EXPECT_EQ(irisctl({"account", "list", flag}), 2) << flag;
    EXPECT_THAT(err_, HasSubstr("'--json' takes no value.")) << flag;
  }
  EXPECT_EQ(irisctl({"session", "end", "--all=false"}), 2);
  EXPECT_THAT(err_, HasSubstr("'--all' takes no value."));
  EXPECT_EQ(irisctl({"account", "list", "--json"}), 0) << err_;
}

TEST_F(Irisctl, AccountsAreListedInOrder) {
  ASSERT_EQ(start(config()), "");
  for (const char* user : {"tybalt", "juliet", "romeo", "benvolio", "nurse", "paris"})
    ASSERT_EQ(irisctl({"account", "add", user, "--password", "secret"}), 0) << err_;
  const std::string wanted = "benvolio@localhost\njuliet@localhost\nnurse@localhost\nparis@localhost\n";
  EXPECT_EQ(irisctl({"account", "list"}), 0);
  EXPECT_EQ(out_, wanted + "romeo@localhost\ntybalt@localhost\n");
  EXPECT_EQ(irisctl({"account", "list", "--json"}), 0);
  const auto listed = Json::parse(out_)["result"]["accounts"].get<std::vector<std::string>>();
  EXPECT_EQ(listed.size(), 6u);
  EXPECT_TRUE(std::ranges::is_sorted(listed)) << out_;
}

TEST_F(Irisctl, ARefusedPasswordIsExplained) {
  ASSERT_EQ(start(config()), "");
  EXPECT_EQ(irisctl({"account", "add", "juliet", "--password", "with\ttab"}), 1);
  EXPECT_THAT(err_, HasSubstr("control characters"));
  EXPECT_THAT(err_, Not(HasSubstr("tab")));
}

TEST_F(Irisctl, NamesInJsonHaveNoSpaces) {
  ASSERT_EQ(start(config()), "");
  ASSERT_EQ(irisctl({"status", "--json"}), 0) << err_;
  const Json queues = Json::parse(out_)["result"]["queues"];
  EXPECT_TRUE(queues.contains("shard_queue_messages_records")) << queues.dump();
  for (const auto& [name, value] : queues.items())
    EXPECT_TRUE(std::ranges::all_of(name, [](char c) { return std::islower(c) != 0 || c == '_'; })) << name;
}

}  // namespace
}  // namespace iris::app
