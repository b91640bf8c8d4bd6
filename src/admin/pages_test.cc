#include "admin/pages.h"

#include <gtest/gtest.h>

#include "admin/metrics_page.h"

namespace iris::admin {
namespace {

net::HttpResponse get(const net::HttpSite& site, const std::string& path) {
  return site.answer({.method = "GET", .path = path});
}

TEST(AdminPages, HealthIsAlwaysOkAndMetricsAreText) {
  net::HttpSite site;
  add_admin_pages(site, {});
  EXPECT_EQ(get(site, "/healthz").status, 200);
  EXPECT_EQ(get(site, "/readyz").status, 200);
  const auto metrics = get(site, "/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_EQ(metrics.headers.at(0).value, kMetricsContentType);
}

TEST(AdminPages, ReadinessNamesWhatIsWrong) {
  net::HttpSite site;
  std::optional<std::string> log_trouble = "disk full";
  add_admin_pages(site, {{"store", [] { return std::nullopt; }}, {"log", [&] { return log_trouble; }}});
  const auto sick = get(site, "/readyz");
  EXPECT_EQ(sick.status, 503);
  EXPECT_EQ(sick.body, "store: ok\nlog: disk full\n");
  log_trouble.reset();
  EXPECT_EQ(get(site, "/readyz").status, 200);
}

}  // namespace
}  // namespace iris::admin
