// A small HTTP/1.1 server: pages of an admin or web interface, and the door to WebSocket. HTTP values here, the sites
// in http_site.h, the machine in http_server.h.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/address.h"

namespace iris::net {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method;  // "GET"
  std::string path;    // percent-decoded, begins with '/', has no "." or ".." parts
  std::string query;   // raw, without the '?'
  std::vector<HttpHeader> headers;
  std::string body;
  Address peer;
  bool tls{};

  // Value of the first header of that name, whatever the case; empty if there is none.
  std::string_view header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::vector<HttpHeader> headers;  // Content-Length, Connection and Date are added
  std::string body;

  static HttpResponse text(int status, std::string body);  // text/plain; charset=utf-8
  static HttpResponse json(int status, std::string body);
};

// Names of headers and schemes: whatever the case.
bool same_name(std::string_view a, std::string_view b) noexcept;

// "Not Found" for 404.
std::string_view http_reason(int status) noexcept;

}  // namespace iris::net
