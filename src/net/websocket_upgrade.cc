#include "net/websocket_upgrade.h"

#include <algorithm>

#include "net/websocket.h"

namespace iris::net {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

// Does a list `a, b, c`, in any header of this name, hold the word? Lists may be spread over headers (RFC 9110 §5.3).
bool lists(const HttpRequest& request, std::string_view name, std::string_view word) {
  for (const HttpHeader& header : request.headers) {
    if (!same_word(header.name, name)) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (same_word(trimmed(rest.substr(0, comma)), word)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

// Base64 of 16 bytes: 22 characters and "==".
bool is_key(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") && std::ranges::all_of(key.substr(0, 22), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
         });
}

}  // namespace

HttpResponse answer_upgrade(const HttpRequest& request, std::string_view subprotocol) {
  if (request.method != "GET" || !lists(request, "Upgrade", "websocket") || !lists(request, "Connection", "upgrade")) {
    HttpResponse refusal = HttpResponse::text(426, "This is a door for WebSocket.\n");
    refusal.headers.push_back({"Upgrade", "websocket"});
    return refusal;
  }
  if (request.header("Sec-WebSocket-Version") != "13") {
    HttpResponse refusal = HttpResponse::text(426, "Version 13 is spoken here.\n");
    refusal.headers.push_back({"Sec-WebSocket-Version", "13"});
    return refusal;
  }
  const std::string_view key = request.header("Sec-WebSocket-Key");
  if (!is_key(key)) return HttpResponse::text(400, "Sec-WebSocket-Key is missing or malformed.\n");
  if (!lists(request, "Sec-WebSocket-Protocol", subprotocol)) {
    return HttpResponse::text(400, "Sec-WebSocket-Protocol must offer \"" + std::string(subprotocol) + "\".\n");
  }
  return {101,
          {{"Upgrade", "websocket"},
           {"Sec-WebSocket-Accept", web_socket_accept(key)},
           {"Sec-WebSocket-Protocol", std::string(subprotocol)}},
          {}};
}

}  // namespace iris::net
