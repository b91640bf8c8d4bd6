// The pages for machines that watch this one: /metrics, /healthz, /readyz. To be served on a listener of their own.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "net/http_site.h"

namespace iris::admin {

// A condition of readiness. `check` says what is wrong, or nothing. On any loop's thread: thread-safe, never blocking
// (read an atomic, do not ask a disk).
struct Probe {
  std::string name;
  std::function<std::optional<std::string>()> check;
};

// /healthz is 200 while the loops run. /readyz is 200 when all probes pass, else 503; its body has a line per probe.
void add_admin_pages(net::HttpSite& site, std::vector<Probe> probes);

}  // namespace iris::admin
