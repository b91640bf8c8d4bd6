// Metrics, declared where they are counted:
//
//   inline base::Counter kStanzas{"iris_stanzas_total", "Stanzas received, by what became of them.",
//                                 {{"kind", {"message", "presence", "iq"}}, {"outcome", {"accepted", "refused"}}}};
//   kStanzas.add(1, Kind::message, Outcome::accepted);   // label values by their index; an enum or an integer
//
// Each thread has cells of its own in each metric. Only that thread writes them, with relaxed loads and stores: no
// lock and no read-modify-write on the message path. A scrape sums over the threads. A thread that ends leaves its
// cells, with their counts, to the next one that starts.
//
// Names begin with `iris_`, a unit comes last (`_seconds`, `_bytes`), a counter ends in `_total`; the constructor
// checks. Label values are a fixed list, or a bounded set filled at run time (dynamic_label): never what a peer can
// choose. Metrics register themselves and are static as a rule; one that is destroyed leaves the register.
#pragma once
#include <array>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/time.h"

namespace iris::base {

// --- what a scrape sees ---

enum class MetricType { counter, gauge, histogram };

struct SeriesSnapshot {
  std::vector<std::pair<std::string, std::string>> labels;
  double value{};  // counter and gauge
  struct Bucket {
    double upper;              // inclusive; the last one is infinity
    std::uint64_t cumulative;  // observations up to `upper`
  };
  std::vector<Bucket> buckets;  // histogram
  std::uint64_t count{};
  double sum{};
};

struct MetricSnapshot {
  std::string name;
  std::string help;
  MetricType type{};
  std::vector<SeriesSnapshot> series;
};

// All living metrics, sorted by name. Any thread. A number may be a moment old, but none is lost.
std::vector<MetricSnapshot> collect_metrics();

// --- declarations ---

struct Label {
  std::string name;
  std::vector<std::string> values;  // fixed
  std::size_t dynamic_max = 0;      // not 0: values are added by label_value(), up to this many
};

// A label whose values become known at start (loop numbers, table names); once full, what is new counts as "other".
inline Label dynamic_label(std::string name, std::size_t values_max) { return {std::move(name), {}, values_max}; }

// What a metric's integers mean; seconds are counted in microseconds and shown in seconds.
enum class MetricUnit { plain, microseconds };

inline constexpr std::size_t kMetricThreadsMax = 256;  // threads alive at once that count; more is our mistake

class Metric {
 public:
  Metric(const Metric&) = delete;
  Metric& operator=(const Metric&) = delete;

  // The index of a value of the dynamic label at `position`, added if new. Takes a lock: resolve once and keep it.
  std::size_t label_value(std::size_t position, std::string_view value);
  const std::string& name() const { return name_; }
  virtual MetricSnapshot snapshot() const = 0;

 protected:
  Metric(std::string name, std::string help, std::vector<Label> labels, std::size_t cells_per_series);
  ~Metric();
  void enter_register();  // to be called last in a constructor, and leave first in a destructor
  void leave_register();

  using Cell = std::atomic<std::int64_t>;

  template <typename... Index>
  std::size_t series_of(Index... index) const {
    IRIS_CHECK(sizeof...(index) == labels_.size());
    std::size_t series = 0, position = 0;
    ((series = series * width(position) + checked(position, static_cast<std::size_t>(index)), ++position), ...);
    return series;
  }
  Cell* cells_of_this_thread(std::size_t series) {
    Cell* cells = threads_[thread_slot()].load(std::memory_order_relaxed);
    if (cells == nullptr) [[unlikely]]
      cells = make_cells();
    return cells + series * cells_per_series_;
  }
  static void bump(Cell& cell, std::int64_t by) {
    cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::size_t series_count() const { return series_count_; }
  std::int64_t sum(std::size_t series, std::size_t cell) const;
  std::vector<std::pair<std::string, std::string>> labels_of(std::size_t series) const;
  MetricSnapshot empty_snapshot(MetricType type) const { return {name_, help_, type, {}}; }
  bool is_named(std::size_t series) const;  // false for a place that no value of a dynamic label has taken yet

 private:
  static std::size_t thread_slot();
  std::size_t width(std::size_t position) const { return widths_[position]; }
  std::size_t checked(std::size_t position, std::size_t index) const {
    IRIS_CHECK(index < widths_[position]);
    return index;
  }
  Cell* make_cells();

  const std::string name_;
  const std::string help_;
  std::vector<Label> labels_;        // values of dynamic ones grow under mutex_
  std::vector<std::size_t> widths_;  // places per label, fixed
  std::size_t series_count_ = 1;
  const std::size_t cells_per_series_;
  mutable std::mutex mutex_;
  std::array<std::atomic<Cell*>, kMetricThreadsMax> threads_{};
};

template <typename T>
concept LabelIndex = std::integral<T> || std::is_enum_v<T>;

class Counter final : public Metric {
 public:
  Counter(std::string name, std::string help, std::vector<Label> labels = {}, MetricUnit unit = MetricUnit::plain);
  ~Counter() { leave_register(); }
  template <LabelIndex... Index>
  void add(std::int64_t by, Index... index) {
    bump(*cells_of_this_thread(series_of(index...)), by);
  }
  MetricSnapshot snapshot() const override;

 private:
  const MetricUnit unit_;
};

// A level. The threads' shares are summed: add(+1) on one and add(-1) on another cancel out, and set() sets the share
// of the calling thread (a queue depth that each loop keeps for itself).
class Gauge final : public Metric {
 public:
  Gauge(std::string name, std::string help, std::vector<Label> labels = {}, MetricUnit unit = MetricUnit::plain);
  ~Gauge() { leave_register(); }
  template <LabelIndex... Index>
  void add(std::int64_t by, Index... index) {
    bump(*cells_of_this_thread(series_of(index...)), by);
  }
  template <LabelIndex... Index>
  void set(std::int64_t value, Index... index) {
    cells_of_this_thread(series_of(index...))->store(value, std::memory_order_relaxed);
  }
  MetricSnapshot snapshot() const override;

 private:
  const MetricUnit unit_;
};

// A level read when someone asks, on the scraping thread: `read` must be thread-safe and fast.
class SampledGauge final : public Metric {
 public:
  SampledGauge(std::string name, std::string help, std::function<double()> read);
  ~SampledGauge() { leave_register(); }
  MetricSnapshot snapshot() const override;

 private:
  std::function<double()> read_;
};

// Bounds first, 2 first, 4 first, … (`count` of them), then infinity.
struct Buckets {
  std::int64_t first;
  std::size_t count;
};
inline constexpr Buckets kLatencyBuckets{16, 23};  // 16 µs … 67 s
inline constexpr Buckets kBytesBuckets{64, 19};    // 64 B … 16 MiB
inline constexpr Buckets kSizeBuckets{1, 15};      // 1 … 16384, e.g. records in a batch

class Histogram final : public Metric {
 public:
  Histogram(std::string name, std::string help, std::vector<Label> labels = {}, Buckets buckets = kLatencyBuckets);
  ~Histogram() { leave_register(); }
  // For metrics in `_seconds`.
  template <LabelIndex... Index>
  void observe(Duration value, Index... index) {
    record(value.count(), series_of(index...));
  }
  // For all others.
  template <LabelIndex... Index>
  void observe_plain(std::int64_t value, Index... index) {
    record(value, series_of(index...));
  }
  MetricSnapshot snapshot() const override;

 private:
  void record(std::int64_t value, std::size_t series);
  const Buckets buckets_;
  const MetricUnit unit_;  // from the name
};

}  // namespace iris::base
