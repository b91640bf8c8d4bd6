// Where WebSocket clients find the server: XEP-0156 §3.
#pragma once
#include <string>

#include "net/http_site.h"

namespace iris::edge {

// `/.well-known/host-meta` (XRD) and `host-meta.json`, for scripts of any origin. They name `/ws` at the host that the
// client asked for, which is `domain` where its header is no host.
void add_host_meta(net::HttpSite& site, const std::string& domain);

}  // namespace iris::edge
