// What every workload has: the loop, the target, who is asked to log in, a line of progress, the report, and how it
// ends.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "load/fleet.h"
#include "load/key_cache.h"
#include "load/loop.h"
#include "load/meter.h"
#include "load/options.h"
#include "load/report.h"
#include "load/tls.h"

namespace iris::load {

class Run {
 public:
  Run(const CommonOptions& options, std::string workload);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Looks the server up and makes room for so many connections. Said to the user if it fails.
  bool prepare(std::uint32_t connections);
  // Brings `count` accounts in, from the first one on. Nothing, and said to the user, if not all came.
  std::unique_ptr<Fleet> log_in(std::uint32_t count, Client::Wishes wishes, std::uint32_t accounts_before = 0) {
    return log_in(loop_, count, wishes, accounts_before);
  }
  // The same on another loop, which must not run meanwhile.
  std::unique_ptr<Fleet> log_in(Loop& loop, std::uint32_t count, Client::Wishes wishes, std::uint32_t accounts_before);

  Loop& loop() { return loop_; }
  const Target& target() const { return target_; }
  const CommonOptions& options() const { return options_; }
  Report& report() { return report_; }
  Meter meter() const { return Meter(options_.server_pids); }
  // A line that the next one replaces, on a terminal; elsewhere a line now and then.
  void progress(const std::string& text);
  // Turns the loop until `done` or the time is over, with a progress line each second. True: done.
  bool wait(const std::function<bool()>& done, double seconds, const std::function<std::string()>& text) {
    return wait(loop_, done, seconds, text);
  }
  bool wait(Loop& loop, const std::function<bool()>& done, double seconds, const std::function<std::string()>& text);
  void complain(const std::string& text);
  // Prints the table, writes the JSON.
  Exit finish();

 private:
  CommonOptions options_;
  Loop loop_;
  Target target_;
  KeyCache keys_;
  std::unique_ptr<ClientTls> tls_;
  Report report_;
  bool terminal_, line_open_ = false;
  Nanos line_due_ = 0;
};

}  // namespace iris::load
