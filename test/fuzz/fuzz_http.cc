// HTTP requests of a stranger: our use of the parser, the decoding of targets, and the WebSocket opening. The outcome
// must not depend on how the bytes were cut, and no path leads upwards.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "net/http_parser.h"
#include "net/websocket_upgrade.h"

namespace {

using iris::net::HttpParser;

std::vector<std::string> parse(std::string_view bytes, std::size_t piece) {
  HttpParser parser(2048, 1024);
  std::vector<std::string> outcomes;
  while (!bytes.empty()) {
    parser.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    HttpParser::Outcome outcome;
    while ((outcome = parser.next()) == HttpParser::Outcome::request) {
      const auto& request = parser.request();
      IRIS_CHECK(request.path.starts_with('/') && (request.path + '/').find("/../") == std::string::npos);
      IRIS_CHECK(request.body.size() <= 1024);
      outcomes.push_back(request.method + ' ' + request.path + '?' + request.query + '\n' + request.body +
                         std::to_string(iris::net::answer_upgrade(request, "xmpp").status));
    }
    // When a bad request is found to be bad, and with which status, may depend on the cuts; what is accepted may not.
    if (outcome == HttpParser::Outcome::error) break;
  }
  return outcomes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] % 64;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  IRIS_CHECK(parse(bytes, piece) == parse(bytes, bytes.size() + 1));
  return 0;
}
