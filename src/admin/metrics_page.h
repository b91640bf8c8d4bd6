// Prometheus' text format.
#pragma once
#include <string>
#include <vector>

#include "base/metrics.h"

namespace iris::admin {

inline constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

std::string render_metrics(const std::vector<base::MetricSnapshot>& metrics);

}  // namespace iris::admin
