#include "load/process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace iris::load {
namespace {

TEST(Process, ReadsAStatWhoseNameHasBracketsAndSpaces) {
  const ProcessStat stat =
      parse_stat("42 (a) 1 (b c) S 7 42 42 0 -1 4194304 100 200 0 0 1000 200 30 4 20 0 1 0 5 6 7 8");
  EXPECT_EQ(stat.parent, 7);
  EXPECT_EQ(stat.user_ticks, 1030U);
  EXPECT_EQ(stat.system_ticks, 204U);
}

TEST(Process, OwnUsageIsThere) {
  const Usage usage = usage_of({getpid()});
  EXPECT_GE(usage.processes, 1);
  EXPECT_GT(usage.resident_bytes, 1U << 20U);
  EXPECT_GT(usage.anonymous_bytes, 0U);
  EXPECT_LE(usage.anonymous_bytes, usage.resident_bytes);
  EXPECT_GT(own_cpu_seconds(), 0);
}

TEST(Process, ChildrenCountWithTheirParent) {
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(pipe_ends[1]);
    char byte = 0;
    _exit(read(pipe_ends[0], &byte, 1) == 0 ? 0 : 1);  // lives until its parent closes the pipe
  }
  EXPECT_EQ(usage_of({getpid()}).processes, 2);
  EXPECT_EQ(usage_of({child}).processes, 1);
  close(pipe_ends[1]);
  close(pipe_ends[0]);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(usage_of({child}).processes, 0);
}

}  // namespace
}  // namespace iris::load
