// The listeners of a server, made from the configuration.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/result.h"
#include "edge/edge.h"
#include "net/http_site.h"
#include "net/listener.h"
#include "net/tls.h"

namespace iris::app {

// One certificate; contexts differ in the protocols that they offer (ALPN).
struct TlsContexts {
  std::shared_ptr<net::TlsContext> starttls;
  std::shared_ptr<net::TlsContext> direct;  // XEP-0368 §3: xmpp-client
  std::shared_ptr<net::TlsContext> web;

  static base::Result<TlsContexts> make(const Config& config);
  // All, or on failure none that matters: the first one tells whether the files are good.
  base::Status reload(const std::string& certificate, const std::string& key);
};

inline constexpr std::size_t kMetricsConnectionsMax = 64;  // of each address in listen.metrics

struct NamedListener {
  std::string name;  // its key in [listen]
  std::unique_ptr<net::Listener> listener;
};
using Listeners = std::vector<NamedListener>;
using EdgeOf = std::function<edge::Edge&(const io::Loop&)>;

// Call on loops[0]'s thread, or before the loops run. An address that cannot be bound: Errc::invalid, and no listener.
base::Result<Listeners> listen_to_clients(const Config& config, const std::vector<io::Loop*>& loops,
                                          const TlsContexts& tls, const std::shared_ptr<const net::HttpSite>& site,
                                          EdgeOf edge_of);
base::Result<Listeners> listen_to_metrics(const Config& config, const std::vector<io::Loop*>& loops,
                                          const std::shared_ptr<const net::HttpSite>& site);

}  // namespace iris::app
