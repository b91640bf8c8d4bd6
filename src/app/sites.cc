#include "app/sites.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "edge/host_meta.h"

namespace iris::app {
namespace {

constexpr std::size_t kAnswerHeadRoom = 16 * 1024;

// The page loads from here only, talks to here only, and nobody frames it. Converse.js sets style attributes, and
// compiles its cryptography from WebAssembly.
std::vector<net::HttpHeader> page_headers() {
  return {{"Content-Security-Policy",
           "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'wasm-unsafe-eval'; "
           "img-src 'self' data: blob:; media-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
           "form-action 'self'; frame-ancestors 'none'"},
          {"Referrer-Policy", "no-referrer"}};
}

std::string client_json(const std::string& domain, edge::Registration registration, const net::HttpRequest& request) {
  const bool may_register = registration == edge::Registration::open ||
                            (registration == edge::Registration::loopback && request.peer.is_loopback());
  return nlohmann::json{{"domain", domain}, {"registration", may_register}}.dump();
}

net::HttpResponse no_web_client(const net::HttpRequest&) {
  return net::HttpResponse::text(200,
                                 "This is Iris, an XMPP server. It has no web client (http.web is not set).\n"
                                 "Clients connect by WebSocket at /ws.\n");
}

}  // namespace

base::Result<std::shared_ptr<net::StaticFiles>> load_web_files(const Config& config) {
  net::StaticFilesOptions options;
  // What a connection may hold for its peer has room for a file, the head of its answer, and the answers before it.
  const auto& connection = config.listener.connection;
  const std::size_t others = connection.output_high_water + kAnswerHeadRoom;
  options.file_bytes_max =
      std::min(options.file_bytes_max, connection.output_bytes_max - std::min(others, connection.output_bytes_max));
  auto files = net::StaticFiles::load(config.web, options);
  if (!files) return base::Error{files.error().code, "http.web: " + files.error().message};
  return files;
}

base::Result<std::shared_ptr<const net::HttpSite>> make_web_site(const Config& config,
                                                                 const std::atomic<edge::Registration>& registration,
                                                                 net::HttpSite::WebSocketFactory web_socket) {
  auto site = std::make_shared<net::HttpSite>();
  net::WebSocketOptions options;
  options.message_bytes_max = config.edge.stanza_bytes_max + 4096;  // the parser behind has the sharper limit
  site->web_socket("/ws", {.subprotocol = "xmpp", .options = options, .factory = std::move(web_socket)});
  const std::string domain = config.domain;
  edge::add_host_meta(*site, domain);
  site->route("GET", "/client.json", [domain, &registration](const net::HttpRequest& request) {
    auto answer = net::HttpResponse::json(200, client_json(domain, registration, request));
    answer.headers.push_back({"Cache-Control", "no-store"});
    return answer;
  });
  if (config.web.empty()) {
    site->route("GET", "/", no_web_client);
  } else {
    auto files = load_web_files(config);
    if (!files) return files.error();
    site->files("/", std::move(files).value(), page_headers());
  }
  return std::shared_ptr<const net::HttpSite>(std::move(site));
}

std::shared_ptr<const net::HttpSite> make_admin_site(std::vector<admin::Probe> probes) {
  auto site = std::make_shared<net::HttpSite>();
  admin::add_admin_pages(*site, std::move(probes));
  return site;
}

}  // namespace iris::app
