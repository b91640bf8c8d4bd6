#include "admin/metrics_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace iris::admin {
namespace {

prometheus::MetricType to_prometheus(base::MetricType type) {
  switch (type) {
    case base::MetricType::counter: return prometheus::MetricType::Counter;
    case base::MetricType::gauge: return prometheus::MetricType::Gauge;
    case base::MetricType::histogram: return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric to_prometheus(const base::SeriesSnapshot& series, base::MetricType type) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : series.labels) metric.label.push_back({name, value});
  switch (type) {
    case base::MetricType::counter: metric.counter.value = series.value; break;
    case base::MetricType::gauge: metric.gauge.value = series.value; break;
    case base::MetricType::histogram:
      metric.histogram.sample_count = series.count;
      metric.histogram.sample_sum = series.sum;
      for (const auto& bucket : series.buckets) metric.histogram.bucket.push_back({bucket.cumulative, bucket.upper});
      break;
  }
  return metric;
}

}  // namespace

std::string render_metrics(const std::vector<base::MetricSnapshot>& metrics) {
  std::vector<prometheus::MetricFamily> families;
  families.reserve(metrics.size());
  for (const auto& snapshot : metrics) {
    prometheus::MetricFamily family{snapshot.name, snapshot.help, to_prometheus(snapshot.type), {}};
    for (const auto& series : snapshot.series) family.metric.push_back(to_prometheus(series, snapshot.type));
    families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace iris::admin
