#include "app/listeners.h"

#include <algorithm>

#include "net/http_server.h"

namespace iris::app {
namespace {

using Addresses = std::vector<net::Address>;

base::Status add(Listeners& out, const net::ListenerOptions& limits, const std::vector<io::Loop*>& loops,
                 const char* name, const Addresses& addresses, std::shared_ptr<net::TlsContext> tls,
                 const net::Listener::Factory& factory) {
  for (const net::Address& address : addresses) {
    net::ListenerOptions options = limits;
    options.address = address;
    options.name = name;
    options.tls = tls;
    auto listener = net::Listener::start(loops, std::move(options), factory);
    if (!listener)
      return base::Error{listener.error().code,
                         "listen." + std::string(name) + " " + address.to_string() + ": " + listener.error().message};
    out.push_back({name, std::move(listener).value()});
  }
  return base::ok();
}

net::Listener::Factory http_factory(const Config& config, std::shared_ptr<const net::HttpSite> site) {
  return [site = std::move(site), http = config.http](const std::shared_ptr<net::Connection>& connection) {
    return net::make_http_handler(connection, site, http);
  };
}

}  // namespace

base::Result<TlsContexts> TlsContexts::make(const Config& config) {
  TlsContexts out;
  const auto make_one = [&](std::shared_ptr<net::TlsContext>& place, std::vector<std::string> alpn) -> base::Status {
    auto made = net::TlsContext::make(
        {.certificate_path = config.certificate, .key_path = config.certificate_key, .alpn = std::move(alpn)});
    if (!made) return made.error();
    place = std::move(made).value();
    return base::ok();
  };
  if (auto made = make_one(out.starttls, {}); !made) return made.error();
  if (auto made = make_one(out.direct, {"xmpp-client"}); !made) return made.error();
  if (auto made = make_one(out.web, {"http/1.1"}); !made) return made.error();
  return out;
}

base::Status TlsContexts::reload(const std::string& certificate, const std::string& key) {
  for (const auto& context : {starttls, direct, web})
    if (auto done = context->reload(certificate, key); !done) return done;
  return base::ok();
}

base::Result<Listeners> listen_to_clients(const Config& config, const std::vector<io::Loop*>& loops,
                                          const TlsContexts& tls, const std::shared_ptr<const net::HttpSite>& site,
                                          EdgeOf edge_of) {
  const auto xmpp = [&edge_of](bool direct_tls) -> net::Listener::Factory {
    return [edge_of, direct_tls](const std::shared_ptr<net::Connection>& connection) {
      return edge_of(connection->loop()).accept(connection, direct_tls);
    };
  };
  const ListenConfig& listen = config.listen;
  Listeners out;
  if (auto done = add(out, config.listener, loops, "starttls", listen.starttls, nullptr, xmpp(false)); !done)
    return done.error();
  if (auto done = add(out, config.listener, loops, "direct_tls", listen.direct_tls, tls.direct, xmpp(true)); !done)
    return done.error();
  if (auto done = add(out, config.listener, loops, "http", listen.http, nullptr, http_factory(config, site)); !done)
    return done.error();
  if (auto done = add(out, config.listener, loops, "https", listen.https, tls.web, http_factory(config, site)); !done)
    return done.error();
  return out;
}

base::Result<Listeners> listen_to_metrics(const Config& config, const std::vector<io::Loop*>& loops,
                                          const std::shared_ptr<const net::HttpSite>& site) {
  Listeners out;
  net::ListenerOptions own = config.listener;  // strangers who take all others must not take those of who watches
  own.budget = nullptr;
  own.tls_handshakes_max = 0;  // nor keep them waiting
  own.connections_max = std::min(own.connections_max, kMetricsConnectionsMax);
  if (auto done = add(out, own, loops, "metrics", config.listen.metrics, nullptr, http_factory(config, site)); !done)
    return done.error();
  return out;
}

}  // namespace iris::app
