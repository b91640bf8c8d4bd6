#include "load/histogram.h"

#include <iris_rust.h>

#include <algorithm>

#include "base/check.h"

namespace iris::load {

void Histogram::Free::operator()(iris_histogram* histogram) const { iris_histogram_free(histogram); }

Histogram::Histogram() : histogram_(iris_histogram_new(kHistogramMax)) { IRIS_CHECK(histogram_ != nullptr); }

void Histogram::record(Nanos time) {
  iris_histogram_record(histogram_.get(), static_cast<std::uint64_t>(std::clamp<Nanos>(time, 1, kHistogramMax)));
}

void Histogram::add(const Histogram& other) { iris_histogram_add(histogram_.get(), other.histogram_.get()); }
void Histogram::reset() { iris_histogram_reset(histogram_.get()); }
std::uint64_t Histogram::count() const { return iris_histogram_count(histogram_.get()); }
Nanos Histogram::min() const { return count() == 0 ? 0 : static_cast<Nanos>(iris_histogram_min(histogram_.get())); }
Nanos Histogram::max() const { return count() == 0 ? 0 : static_cast<Nanos>(iris_histogram_max(histogram_.get())); }
double Histogram::mean() const { return count() == 0 ? 0 : iris_histogram_mean(histogram_.get()); }
Nanos Histogram::percentile(double percent) const {
  return count() == 0 ? 0 : static_cast<Nanos>(iris_histogram_quantile(histogram_.get(), percent / 100));
}

}  // namespace iris::load
