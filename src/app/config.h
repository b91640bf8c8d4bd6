// Everything that iris.toml can say, as plain values: what app/ wires the folders with. Filled by load_config(); the
// keys, their limits and their texts are in config_schema.cc.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "base/log.h"
#include "edge/options.h"
#include "net/address.h"
#include "net/http_server.h"
#include "net/listener.h"
#include "rocks/options.h"
#include "shard/options.h"

namespace iris::app {

struct ListenConfig {
  std::vector<net::Address> starttls;    // XMPP; TLS by STARTTLS (RFC 6120 §5)
  std::vector<net::Address> direct_tls;  // XMPP; TLS from the first byte (XEP-0368)
  std::vector<net::Address> http;        // web client and WebSocket
  std::vector<net::Address> https;
  std::vector<net::Address> metrics;  // /metrics, /healthz, /readyz
};

struct Config {
  std::string file;        // that this was read from; empty: defaults
  std::string data = ".";  // absolute once loaded
  std::string domain = "localhost";
  std::string node = "local";
  std::size_t loops = 0;        // 0: one per core
  std::size_t key_threads = 0;  // that derive SCRAM keys; 0: half as many as cores
  std::size_t open_files = 200'000;
  base::Duration shutdown_timeout = std::chrono::seconds{10};
  base::Level log_level = base::Level::info;
  bool rate_limits = true;

  std::string certificate = "tls/cert.pem";
  std::string certificate_key = "tls/key.pem";
  std::string web;  // directory of the web client; empty: none

  ListenConfig listen;
  net::HttpOptions http;
  net::ListenerOptions listener;  // limits for each listener; its address and name are set per listener
  rocks::EngineOptions storage;
  edge::Options edge;
  shard::Options shard;
};

}  // namespace iris::app
