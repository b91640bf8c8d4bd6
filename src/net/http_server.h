// Speaks HTTP/1.1 on a connection for a site.
#pragma once
#include <cstddef>
#include <memory>

#include "net/connection.h"
#include "net/http_site.h"

namespace iris::net {

struct HttpOptions {
  std::size_t header_bytes_max = 16 * 1024;                   // beyond it 431; browsers send 1-2 KB
  std::size_t body_bytes_max = 64 * 1024;                     // beyond it 413; what we are asked for has small bodies
  base::Duration request_timeout = std::chrono::seconds{10};  // from a request's first byte to its last, else 408
  base::Duration idle_timeout = std::chrono::seconds{60};     // between requests, then closed
};

// A handler for a new connection, for Listener's factory. Requests on one connection are answered in order; a client
// that sends on without reading is paused.
std::shared_ptr<ConnectionHandler> make_http_handler(std::shared_ptr<Connection> connection,
                                                     std::shared_ptr<const HttpSite> site, HttpOptions options = {});

}  // namespace iris::net
