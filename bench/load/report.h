// What a run found: settings, figures, times and faults, as JSON for programs and as a table for people.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "load/histogram.h"

namespace iris::load {

class Report {
 public:
  explicit Report(std::string workload);
  ~Report();
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  void setting(std::string_view name, std::string_view value);
  void setting(std::string_view name, double value);
  // `unit` is for the table.
  void figure(std::string_view name, double value, std::string_view unit = {});
  // Percentiles in milliseconds; left out if nothing was recorded.
  void times(std::string_view name, const Histogram& histogram);
  // Something that must not be: the run fails.
  void fault(std::string text);
  bool good() const;

  std::string json() const;
  std::string table() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iris::load
