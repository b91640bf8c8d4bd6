#include "base/metrics.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace iris::base {
namespace {

// The living metrics. Never destroyed: metrics are static and end in any order.
struct Register {
  std::mutex mutex;
  std::vector<const Metric*> metrics;
};
Register& the_register() {
  static Register* const r = new Register;
  return *r;
}

// Numbers for threads; an ended thread's number, and with it its cells, goes to the next. The lock on both sides makes
// the old thread's last write happen before the new one's first read.
struct Slots {
  std::mutex mutex;
  std::vector<std::size_t> free;
  std::size_t used = 0;
};
Slots& the_slots() {
  static Slots* const s = new Slots;
  return *s;
}

class Slot {
 public:
  Slot() {
    Slots& slots = the_slots();
    std::lock_guard lock(slots.mutex);
    if (slots.free.empty()) {
      number_ = slots.used++;
    } else {
      number_ = slots.free.back();
      slots.free.pop_back();
    }
    IRIS_CHECK(number_ < kMetricThreadsMax);
  }
  ~Slot() {
    Slots& slots = the_slots();
    std::lock_guard lock(slots.mutex);
    slots.free.push_back(number_);
  }
  std::size_t number() const { return number_; }

 private:
  std::size_t number_;
};

bool ends_with(std::string_view text, std::string_view end) { return text.ends_with(end); }

MetricUnit unit_from_name(std::string_view name) {
  return ends_with(name, "_seconds") ? MetricUnit::microseconds : MetricUnit::plain;
}

double scaled(std::int64_t value, MetricUnit unit) {
  return unit == MetricUnit::microseconds ? static_cast<double>(value) / 1e6 : static_cast<double>(value);
}

}  // namespace

std::vector<MetricSnapshot> collect_metrics() {
  std::vector<MetricSnapshot> result;
  {
    Register& all = the_register();
    std::lock_guard lock(all.mutex);  // held throughout, so that none ends meanwhile
    result.reserve(all.metrics.size());
    for (const Metric* metric : all.metrics) result.push_back(metric->snapshot());
  }
  std::ranges::sort(result, {}, &MetricSnapshot::name);
  return result;
}

Metric::Metric(std::string name, std::string help, std::vector<Label> labels, std::size_t cells_per_series)
    : name_(std::move(name)), help_(std::move(help)), labels_(std::move(labels)), cells_per_series_(cells_per_series) {
  IRIS_CHECK(name_.starts_with("iris_"));
  for (Label& label : labels_) {
    // A dynamic label has one place more, for "other".
    widths_.push_back(label.dynamic_max > 0 ? label.dynamic_max + 1 : label.values.size());
    IRIS_CHECK(widths_.back() > 0);
    series_count_ *= widths_.back();
  }
}

Metric::~Metric() {
  for (auto& cells : threads_) delete[] cells.load(std::memory_order_relaxed);
}

void Metric::enter_register() {
  Register& all = the_register();
  std::lock_guard lock(all.mutex);
  for (const Metric* other : all.metrics) IRIS_CHECK(other->name() != name_);
  all.metrics.push_back(this);
}

void Metric::leave_register() {
  Register& all = the_register();
  std::lock_guard lock(all.mutex);
  std::erase(all.metrics, this);
}

std::size_t Metric::thread_slot() {
  thread_local const Slot slot;
  return slot.number();
}

std::size_t Metric::label_value(std::size_t position, std::string_view value) {
  IRIS_CHECK(position < labels_.size() && labels_[position].dynamic_max > 0);
  std::lock_guard lock(mutex_);
  Label& label = labels_[position];
  const auto found = std::ranges::find(label.values, value);
  if (found != label.values.end()) return static_cast<std::size_t>(found - label.values.begin());
  if (label.values.size() == label.dynamic_max) return label.dynamic_max;  // "other"
  label.values.emplace_back(value);
  return label.values.size() - 1;
}

Metric::Cell* Metric::make_cells() {
  Cell* cells = new Cell[series_count_ * cells_per_series_]();
  threads_[thread_slot()].store(cells, std::memory_order_release);  // only this thread writes here
  return cells;
}

std::int64_t Metric::sum(std::size_t series, std::size_t cell) const {
  std::int64_t total = 0;
  for (const auto& thread : threads_) {
    const Cell* cells = thread.load(std::memory_order_acquire);
    if (cells != nullptr) total += cells[series * cells_per_series_ + cell].load(std::memory_order_relaxed);
  }
  return total;
}

bool Metric::is_named(std::size_t series) const {
  std::lock_guard lock(mutex_);
  for (std::size_t i = labels_.size(); i-- > 0; series /= widths_[i]) {
    const Label& label = labels_[i];
    const std::size_t index = series % widths_[i];
    const bool is_other = label.dynamic_max > 0 && index == label.dynamic_max;
    if (index >= label.values.size() && !(is_other && label.values.size() == label.dynamic_max)) return false;
  }
  return true;
}

std::vector<std::pair<std::string, std::string>> Metric::labels_of(std::size_t series) const {
  std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::string>> result(labels_.size());
  for (std::size_t i = labels_.size(); i-- > 0; series /= widths_[i]) {
    const std::size_t index = series % widths_[i];
    result[i] = {labels_[i].name, index < labels_[i].values.size() ? labels_[i].values[index] : "other"};
  }
  return result;
}

Counter::Counter(std::string name, std::string help, std::vector<Label> labels, MetricUnit unit)
    : Metric(std::move(name), std::move(help), std::move(labels), 1), unit_(unit) {
  IRIS_CHECK(ends_with(this->name(), "_total"));
  IRIS_CHECK(ends_with(this->name(), "_seconds_total") == (unit == MetricUnit::microseconds));
  enter_register();
}

MetricSnapshot Counter::snapshot() const {
  MetricSnapshot result = empty_snapshot(MetricType::counter);
  for (std::size_t i = 0; i < series_count(); ++i) {
    if (is_named(i)) result.series.push_back({.labels = labels_of(i), .value = scaled(sum(i, 0), unit_)});
  }
  return result;
}

Gauge::Gauge(std::string name, std::string help, std::vector<Label> labels, MetricUnit unit)
    : Metric(std::move(name), std::move(help), std::move(labels), 1), unit_(unit) {
  IRIS_CHECK(ends_with(this->name(), "_seconds") == (unit == MetricUnit::microseconds));
  enter_register();
}

MetricSnapshot Gauge::snapshot() const {
  MetricSnapshot result = empty_snapshot(MetricType::gauge);
  for (std::size_t i = 0; i < series_count(); ++i) {
    if (is_named(i)) result.series.push_back({.labels = labels_of(i), .value = scaled(sum(i, 0), unit_)});
  }
  return result;
}

SampledGauge::SampledGauge(std::string name, std::string help, std::function<double()> read)
    : Metric(std::move(name), std::move(help), {}, 1), read_(std::move(read)) {
  enter_register();
}

MetricSnapshot SampledGauge::snapshot() const {
  MetricSnapshot result = empty_snapshot(MetricType::gauge);
  result.series.push_back({.value = read_()});
  return result;
}

// Cells of a series: the sum, then one per bound, then one for what is above all bounds.
Histogram::Histogram(std::string name, std::string help, std::vector<Label> labels, Buckets buckets)
    : Metric(std::move(name), std::move(help), std::move(labels), buckets.count + 2),
      buckets_(buckets),
      unit_(unit_from_name(this->name())) {
  IRIS_CHECK(buckets.first > 0 && buckets.count > 0 && buckets.count < 40);
  enter_register();
}

void Histogram::record(std::int64_t value, std::size_t series) {
  if (value < 0) value = 0;  // a wall clock was set back
  // The least i with value <= first * 2^i.
  const std::size_t bucket =
      value <= buckets_.first
          ? 0
          : std::min<std::size_t>(std::bit_width(static_cast<std::uint64_t>((value - 1) / buckets_.first)),
                                  buckets_.count);
  Cell* cells = cells_of_this_thread(series);
  bump(cells[0], value);
  bump(cells[1 + bucket], 1);
}

MetricSnapshot Histogram::snapshot() const {
  MetricSnapshot result = empty_snapshot(MetricType::histogram);
  for (std::size_t i = 0; i < series_count(); ++i) {
    if (!is_named(i)) continue;
    SeriesSnapshot series{.labels = labels_of(i), .sum = scaled(sum(i, 0), unit_)};
    for (std::size_t b = 0; b <= buckets_.count; ++b) {
      series.count += static_cast<std::uint64_t>(sum(i, 1 + b));
      const double upper =
          b == buckets_.count ? std::numeric_limits<double>::infinity() : scaled(buckets_.first << b, unit_);
      series.buckets.push_back({upper, series.count});
    }
    result.series.push_back(std::move(series));
  }
  return result;
}

}  // namespace iris::base
