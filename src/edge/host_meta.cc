#include "edge/host_meta.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "xml/writer.h"

namespace iris::edge {
namespace {

constexpr std::string_view kRelation = "urn:xmpp:alt-connections:websocket";

// The client's own name for this server, if it is one that can stand in a URL; else the domain.
std::string host_of(const net::HttpRequest& request, const std::string& domain) {
  const std::string host(request.header("Host"));
  const bool good = !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
  return good ? host : domain;
}

std::string web_socket_url(const net::HttpRequest& request, const std::string& domain) {
  // XEP-0156 §2.2 knows wss alone. Without TLS nobody may log in from elsewhere: who asks is behind a proxy that has
  // it, or a browser on this machine.
  const bool local = request.peer.is_loopback() && request.header("X-Forwarded-Proto") != "https";
  return (request.tls || !local ? "wss://" : "ws://") + host_of(request, domain) + "/ws";
}

std::string xrd(std::string_view url) {
  std::string out =
      "<?xml version='1.0' encoding='utf-8'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\n  <Link";
  xml::append_attribute(out, "rel", kRelation);
  xml::append_attribute(out, "href", url);
  return out + "/>\n</XRD>\n";
}

// A host and a domain have nothing that JSON escapes.
std::string json(const std::string& url) {
  return "{\"links\": [{\"rel\": \"" + std::string(kRelation) + "\", \"href\": \"" + url + "\"}]}\n";
}

net::HttpResponse for_any_origin(const char* content_type, std::string body) {
  return {200, {{"Content-Type", content_type}, {"Access-Control-Allow-Origin", "*"}}, std::move(body)};
}

}  // namespace

void add_host_meta(net::HttpSite& site, const std::string& domain) {
  site.route("GET", "/.well-known/host-meta", [domain](const net::HttpRequest& request) {
    return for_any_origin("application/xrd+xml", xrd(web_socket_url(request, domain)));
  });
  site.route("GET", "/.well-known/host-meta.json", [domain](const net::HttpRequest& request) {
    return for_any_origin("application/json", json(web_socket_url(request, domain)));
  });
}

}  // namespace iris::edge
