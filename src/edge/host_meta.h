// Where WebSocket clients find the server: XEP-0156 §3, for app/ to serve under /.well-known/ (with CORS: any origin).
#pragma once
#include <string>
#include <string_view>

namespace iris::edge {

std::string host_meta_xml(std::string_view web_socket_url);   // /.well-known/host-meta, application/xrd+xml
std::string host_meta_json(std::string_view web_socket_url);  // /.well-known/host-meta.json

}  // namespace iris::edge
