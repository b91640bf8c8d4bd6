#include "load/process.h"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

namespace iris::load {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::map<int, ProcessStat> all_processes() {
  std::map<int, ProcessStat> out;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    int pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size()) continue;
    const std::string text = text_of(entry.path() / "stat");  // empty: it ended meanwhile
    if (!text.empty()) out[pid] = parse_stat(text);
  }
  return out;
}

std::uint64_t kibibytes_after(const std::string& text, const std::string& key) {
  const std::size_t at = text.find(key);
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + key.size(), nullptr, 10) * 1024;
}

}  // namespace

ProcessStat parse_stat(std::string_view text) {
  ProcessStat out;
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return out;
  std::istringstream fields{std::string(text.substr(name_end + 1))};
  std::string state, skipped;
  fields >> state >> out.parent;
  for (int field = 5; field < 14; ++field) fields >> skipped;  // proc(5): utime is field 14
  std::uint64_t user = 0, system = 0, waited_user = 0, waited_system = 0;
  fields >> user >> system >> waited_user >> waited_system;
  out.user_ticks = user + waited_user;
  out.system_ticks = system + waited_system;
  return out;
}

Usage usage_of(const std::vector<int>& pids) {
  const auto all = all_processes();
  std::set<int> wanted(pids.begin(), pids.end());
  for (std::size_t before = 0; before != wanted.size();) {
    before = wanted.size();
    for (const auto& [pid, stat] : all)
      if (wanted.contains(stat.parent)) wanted.insert(pid);
  }
  const double ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  Usage out;
  for (const int pid : wanted) {
    const auto found = all.find(pid);
    if (found == all.end()) continue;
    ++out.processes;
    out.user_seconds += static_cast<double>(found->second.user_ticks) / ticks_per_second;
    out.system_seconds += static_cast<double>(found->second.system_ticks) / ticks_per_second;
    const std::string status = text_of("/proc/" + std::to_string(pid) + "/status");
    out.resident_bytes += kibibytes_after(status, "VmRSS:");
    out.anonymous_bytes += kibibytes_after(status, "RssAnon:");
  }
  return out;
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string processor_name() {
  const std::string text = text_of("/proc/cpuinfo");
  const std::string key = "model name\t: ";
  const std::size_t at = text.find(key);
  const std::string name =
      at == std::string::npos ? "unknown" : text.substr(at + key.size(), text.find('\n', at) - at - key.size());
  return std::to_string(std::thread::hardware_concurrency()) + " x " + name;
}

std::string kernel_name() {
  utsname name{};
  uname(&name);
  return std::string(name.sysname) + " " + name.release;
}

}  // namespace iris::load
