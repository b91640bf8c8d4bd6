// What is answered over HTTP: the web side for people and clients, the admin side for machines that watch.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "admin/pages.h"
#include "app/config.h"
#include "base/result.h"
#include "net/http_site.h"

namespace iris::app {

// The folder of the web client, read into memory. Errc::invalid if it is none.
base::Result<std::shared_ptr<net::StaticFiles>> load_web_files(const Config& config);

// `/` the web client, `/ws` (RFC 7395), `/.well-known/host-meta` and `.json` (XEP-0156), `/client.json` what the page
// must know. An error if the configured folder of the web client is not there.
// `registration`: as it is when asked; outlives the site.
base::Result<std::shared_ptr<const net::HttpSite>> make_web_site(const Config& config,
                                                                 const std::atomic<edge::Registration>& registration,
                                                                 net::HttpSite::WebSocketFactory web_socket);

std::shared_ptr<const net::HttpSite> make_admin_site(std::vector<admin::Probe> probes);

}  // namespace iris::app
