// What processes have used, from /proc: the server's, with all that they have started, and our own.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace iris::load {

struct Usage {
  double user_seconds = 0, system_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t anonymous_bytes = 0;  // of these, what is not a file's
  int processes = 0;                  // 0: none of them lives
  double cpu_seconds() const { return user_seconds + system_seconds; }
};

// Of these processes and their descendants, also of those that ended and were waited for.
Usage usage_of(const std::vector<int>& pids);
// CPU seconds of this process.
double own_cpu_seconds();

struct ProcessStat {
  int parent = 0;
  std::uint64_t user_ticks = 0, system_ticks = 0;  // with those of children that were waited for
};
// The text of /proc/PID/stat, in which a program's name may hold anything.
ProcessStat parse_stat(std::string_view text);

// The machine, for a report: "2 x AMD EPYC", "Linux 6.1.0".
std::string processor_name();
std::string kernel_name();

}  // namespace iris::load
