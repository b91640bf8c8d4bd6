#include "admin/pages.h"

#include <utility>

#include "admin/metrics_page.h"

namespace iris::admin {
namespace {

net::HttpResponse ready_page(const std::vector<Probe>& probes) {
  bool ready = true;
  std::string body;
  for (const Probe& probe : probes) {
    const std::optional<std::string> wrong = probe.check();
    if (wrong) ready = false;
    body += probe.name + ": " + wrong.value_or("ok") + '\n';
  }
  return net::HttpResponse::text(ready ? 200 : 503, std::move(body));
}

}  // namespace

void add_admin_pages(net::HttpSite& site, std::vector<Probe> probes) {
  site.route("GET", "/healthz", [](const net::HttpRequest&) { return net::HttpResponse::text(200, "ok\n"); });
  site.route("GET", "/readyz", [probes = std::move(probes)](const net::HttpRequest&) { return ready_page(probes); });
  site.route("GET", "/metrics", [](const net::HttpRequest&) {
    return net::HttpResponse{200, {{"Content-Type", kMetricsContentType}}, render_metrics(base::collect_metrics())};
  });
}

}  // namespace iris::admin
