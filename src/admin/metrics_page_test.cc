#include "admin/metrics_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iris::admin {
namespace {

using ::testing::HasSubstr;

TEST(MetricsPage, CountersAndGaugesWithTheirLabels) {
  base::Counter counter("iris_page_things_total", "Things seen.", {{"kind", {"a", "b"}}});
  base::Gauge gauge("iris_page_level", "A level.");
  counter.add(3, 1);
  gauge.set(-2);
  const std::string page = render_metrics(base::collect_metrics());
  EXPECT_THAT(page, HasSubstr("# HELP iris_page_things_total Things seen.\n# TYPE iris_page_things_total counter\n"));
  EXPECT_THAT(page, HasSubstr("iris_page_things_total{kind=\"a\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("iris_page_things_total{kind=\"b\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("# TYPE iris_page_level gauge\niris_page_level -2\n"));
}

TEST(MetricsPage, HistogramsAreCumulativeAndEndInInfinity) {
  base::Histogram histogram("iris_page_batch", "Sizes.", {}, {1, 3});
  for (int value : {1, 2, 2, 9}) histogram.observe_plain(value);
  EXPECT_THAT(render_metrics(base::collect_metrics()), HasSubstr("# TYPE iris_page_batch histogram\n"
                                                                 "iris_page_batch_count 4\n"
                                                                 "iris_page_batch_sum 14\n"
                                                                 "iris_page_batch_bucket{le=\"1\"} 1\n"
                                                                 "iris_page_batch_bucket{le=\"2\"} 3\n"
                                                                 "iris_page_batch_bucket{le=\"4\"} 3\n"
                                                                 "iris_page_batch_bucket{le=\"+Inf\"} 4\n"));
}

}  // namespace
}  // namespace iris::admin
