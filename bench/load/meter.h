// What the server used while something was measured, and whether we ourselves were the limit.
#pragma once
#include <vector>

#include "load/clock.h"
#include "load/process.h"
#include "load/report.h"

namespace iris::load {

class Meter {
 public:
  explicit Meter(std::vector<int> server) : server_(std::move(server)) {}
  void start();
  void stop();
  double seconds() const { return to_seconds(ended_ - began_); }
  bool sees_server() const { return !server_.empty(); }
  double server_cpu_seconds() const { return after_.cpu_seconds() - before_.cpu_seconds(); }
  const Usage& before() const { return before_; }
  const Usage& after() const { return after_; }
  // Shares of one core, memory, and the server's CPU per `what` if there were some.
  void report(Report& report, double count, const char* what) const;

 private:
  std::vector<int> server_;
  Usage before_, after_;
  double own_before_ = 0, own_after_ = 0;
  Nanos began_ = 0, ended_ = 0;
};

}  // namespace iris::load
