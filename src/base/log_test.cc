#include "base/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>

namespace iris::base {
namespace {

TEST(LogLine, PlainValuesStandBare) {
  EXPECT_EQ(format_log_line(
                "bound",
                {{"session", "a1b2"}, {"count", 7}, {"big", 18446744073709551615u}, {"ratio", 0.5}, {"resumed", true}}),
            "msg=bound session=a1b2 count=7 big=18446744073709551615 ratio=0.5 resumed=true");
}

TEST(LogLine, WhatCouldForgeALineIsQuotedAndEscaped) {
  EXPECT_EQ(format_log_line("session bound", {{"jid", "a\"b\\c"}, {"nick", "x\ny level=error"}, {"none", ""}}),
            "msg=\"session bound\" jid=\"a\\\"b\\\\c\" nick=\"x\\ny level=error\" none=\"\"");
  EXPECT_EQ(format_log_line("m", {{"c", std::string_view("\x1b[0m\x7f", 5)}}), "msg=m c=\"\\x1b[0m\\x7f\"");
}

TEST(LogLine, RedactedShowsThatThereWasAValue) {
  EXPECT_EQ(format_log_line("login", {{"password", Redacted{}}}), "msg=login password=<redacted>");
}

TEST(Log, AFullPipeDoesNotBlockTheCaller) {
  flush_log();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int saved = dup(2);
  ASSERT_EQ(dup2(ends[1], 2), 2);
  close(ends[1]);
  const std::string filler(1000, 'x');
  for (int i = 0; i < 20'000; ++i) log(Level::info, "line", {{"number", i}, {"filler", filler}});  // 20 MB, none read

  std::jthread restore([&] {  // once all is read, stderr is itself again, and the pipe ends
    flush_log();
    dup2(saved, 2);
    close(saved);
  });
  std::string text(1 << 16, '\0'), all;
  for (ssize_t n; (n = read(ends[0], text.data(), text.size())) > 0;) all.append(text, 0, static_cast<std::size_t>(n));
  close(ends[0]);
  EXPECT_TRUE(all.starts_with("time=2")) << all.substr(0, 100);
  EXPECT_NE(all.find(" level=info msg=line number=0 "), std::string::npos);
  EXPECT_EQ(all.find(" number=9000 "), std::string::npos);   // gave way
  EXPECT_NE(all.find(" number=19999 "), std::string::npos);  // waited
}

TEST(Log, LinesBelowTheLevelAreDropped) {
  EXPECT_FALSE(log_enabled(Level::debug));
  set_log_level(Level::error);
  EXPECT_FALSE(log_enabled(Level::warn));
  EXPECT_TRUE(log_enabled(Level::error));
  set_log_level(Level::info);
}

}  // namespace
}  // namespace iris::base
