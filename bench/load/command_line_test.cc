#include "load/command_line.h"

#include <gtest/gtest.h>

#include <vector>

namespace iris::load {
namespace {

std::variant<Options, Exit> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "iris-bench");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

TEST(CommandLine, OptionsOfTheWorkloadAndOfAllMayStandTogether) {
  const auto parsed = parse({"chat", "--pairs", "7", "--transport", "starttls", "--port", "5299", "--rate", "100",
                             "--server-pid", "12", "--server-pid", "13"});
  const auto* options = std::get_if<Options>(&parsed);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->common.target.transport, Transport::starttls);
  EXPECT_EQ(options->common.port, 5299);
  EXPECT_EQ(options->common.server_pids, (std::vector<int>{12, 13}));
  const auto* chat = std::get_if<ChatOptions>(&options->workload);
  ASSERT_NE(chat, nullptr);
  EXPECT_EQ(chat->pairs, 7U);
  EXPECT_EQ(chat->rate, 100);
  EXPECT_FALSE(chat->transient);
}

TEST(CommandLine, EachWorkloadHasItsOptions) {
  EXPECT_TRUE(std::get<ChatOptions>(std::get<Options>(parse({"chat-transient"})).workload).transient);
  EXPECT_EQ(std::get<IdleOptions>(std::get<Options>(parse({"idle", "--sessions", "5"})).workload).sessions, 5U);
  EXPECT_TRUE(std::get<LoginOptions>(std::get<Options>(parse({"login", "--tls-resumption"})).workload).tls_resumption);
  EXPECT_TRUE(std::get<StormOptions>(std::get<Options>(parse({"storm"})).workload).resume);
  EXPECT_FALSE(std::get<StormOptions>(std::get<Options>(parse({"storm", "--no-resume"})).workload).resume);
  EXPECT_EQ(std::get<OfflineOptions>(std::get<Options>(parse({"offline", "--messages", "3"})).workload).messages_each,
            3U);
  EXPECT_EQ(std::get<ArchiveOptions>(std::get<Options>(parse({"archive", "--page", "9"})).workload).page, 9U);
  EXPECT_EQ(std::get<PresenceOptions>(std::get<Options>(parse({"presence", "--roster", "9"})).workload).roster, 9U);
  EXPECT_EQ(std::get<AccountsOptions>(std::get<Options>(parse({"accounts", "--count", "9"})).workload).count, 9U);
}

TEST(CommandLine, WhatMakesNoSenseIsRefused) {
  const std::vector<std::vector<const char*>> wrong = {
      {},
      {"dance"},
      {"chat", "--pairs", "0"},
      {"chat", "--transport", "pigeon"},
      {"chat", "--user", "everybody"},
      {"chat", "--mechanism", "NONE"},
      {"idle", "--pairs", "3"},
      {"idle", "--seconds", "-1"},
      {"accounts", "--form", "stone"},
  };
  for (const auto& words : wrong) {
    const auto parsed = parse(words);
    const auto* exit = std::get_if<Exit>(&parsed);
    ASSERT_NE(exit, nullptr) << (words.empty() ? "" : words.back());
    EXPECT_EQ(*exit, Exit::usage) << (words.empty() ? "" : words.back());
  }
}

TEST(CommandLine, HelpIsNoMistake) {
  const auto parsed = parse({"chat", "--help"});
  EXPECT_EQ(std::get<Exit>(parsed), Exit::good);
}

TEST(Target, AccountsAreNumberedNames) {
  Target target;
  target.user_pattern = "a%d-b";
  target.domain = "example.org";
  EXPECT_EQ(target.bare_jid(12), "a12-b@example.org");
}

}  // namespace
}  // namespace iris::load
