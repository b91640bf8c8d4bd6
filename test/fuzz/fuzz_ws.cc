// WebSocket frames of a stranger. Beyond not crashing: what comes out must not depend on how the bytes were cut,
// nothing follows the end, messages are UTF-8 and within their limit.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "net/websocket.h"

namespace {

using iris::net::WebSocketEvent;
using Kind = WebSocketEvent::Kind;

constexpr std::size_t kMessageBytesMax = 4096;

std::vector<std::pair<Kind, std::string>> parse(std::string_view bytes, std::size_t piece) {
  iris::net::WebSocketParser parser(kMessageBytesMax);
  std::vector<std::pair<Kind, std::string>> events;
  bool ended = false;
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, piece);
    bytes.remove_prefix(input.size());
    for (;;) {
      const WebSocketEvent event = parser.next(input);
      if (event.kind == Kind::need_more) break;
      IRIS_CHECK(!ended);
      ended = event.kind == Kind::close || event.kind == Kind::error;
      if (event.kind == Kind::message) {
        IRIS_CHECK(iris::net::is_utf8(event.payload));
        IRIS_CHECK(event.payload.size() <= kMessageBytesMax);
      }
      events.emplace_back(event.kind, std::to_string(static_cast<int>(event.code)) + std::string(event.payload));
    }
    IRIS_CHECK(input.empty());
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] % 16;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  IRIS_CHECK(parse(bytes, piece) == parse(bytes, bytes.size() + 1));
  return 0;
}
