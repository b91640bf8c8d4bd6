#include "load/report.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <vector>

#include "load/process.h"

namespace iris::load {
namespace {

using Json = nlohmann::ordered_json;

struct Percentile {
  const char* name;
  double percent;
};
constexpr Percentile kPercentiles[] = {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}};

double milliseconds(double nanos) { return nanos / 1e6; }

std::string utc_now() {
  const std::time_t time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string number_text(double value) {
  char text[64];
  const double size = value < 0 ? -value : value;
  std::snprintf(text, sizeof text, size >= 1000 || value == 0 ? "%.0f" : size >= 10 ? "%.1f" : "%.3f", value);
  return text;
}

std::string padded(std::string text, std::size_t width, bool right) {
  if (text.size() < width) text.insert(right ? 0 : text.size(), width - text.size(), ' ');
  return text;
}

std::string words(std::string name) {
  for (char& c : name)
    if (c == '_') c = ' ';
  return name;
}

}  // namespace

struct Report::State {
  Json settings = Json::object(), figures = Json::object(), times = Json::object();
  std::vector<std::pair<std::string, std::string>> rows;  // of figures, with their units
  std::vector<std::string> faults;
  std::string workload, began = utc_now();
};

Report::Report(std::string workload) : state_(std::make_unique<State>()) { state_->workload = std::move(workload); }
Report::~Report() = default;

void Report::setting(std::string_view name, std::string_view value) { state_->settings[std::string(name)] = value; }
void Report::setting(std::string_view name, double value) { state_->settings[std::string(name)] = value; }

void Report::figure(std::string_view name, double value, std::string_view unit) {
  state_->figures[std::string(name)] = value;
  state_->rows.emplace_back(words(std::string(name)),
                            number_text(value) + (unit.empty() ? "" : " ") + std::string(unit));
}

void Report::times(std::string_view name, const Histogram& histogram) {
  if (histogram.count() == 0) return;
  Json out;
  out["count"] = histogram.count();
  out["min_ms"] = milliseconds(static_cast<double>(histogram.min()));
  out["mean_ms"] = milliseconds(histogram.mean());
  for (const Percentile& percentile : kPercentiles)
    out[std::string(percentile.name) + "_ms"] =
        milliseconds(static_cast<double>(histogram.percentile(percentile.percent)));
  out["max_ms"] = milliseconds(static_cast<double>(histogram.max()));
  state_->times[std::string(name)] = std::move(out);
}

void Report::fault(std::string text) { state_->faults.push_back(std::move(text)); }
bool Report::good() const { return state_->faults.empty(); }

std::string Report::json() const {
  Json out;
  out["workload"] = state_->workload;
  out["began"] = state_->began;
  out["machine"] = processor_name();
  out["kernel"] = kernel_name();
  out["settings"] = state_->settings;
  out["figures"] = state_->figures;
  out["times"] = state_->times;
  out["good"] = good();
  out["faults"] = state_->faults;
  return out.dump();
}

std::string Report::table() const {
  std::string out;
  std::size_t width = 24;
  for (const auto& [name, value] : state_->rows) width = std::max(width, name.size());
  for (const auto& [name, value] : state_->rows) out += padded(name, width, false) + "  " + value + "\n";
  if (!state_->times.empty()) {
    out += "\n" + padded("milliseconds", width, false);
    for (const char* column : {"count", "p50", "p90", "p99", "p99.9", "max"}) out += padded(column, 11, true);
    out += "\n";
    for (const auto& [name, values] : state_->times.items()) {
      out += padded(words(name), width, false) + padded(values["count"].dump(), 11, true);
      for (const char* column : {"p50_ms", "p90_ms", "p99_ms", "p99.9_ms", "max_ms"})
        out += padded(number_text(values[column].get<double>()), 11, true);
      out += "\n";
    }
  }
  for (const std::string& fault : state_->faults) out += "FAULT: " + fault + "\n";
  return out;
}

}  // namespace iris::load
