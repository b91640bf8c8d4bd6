// SASL messages of a stranger: none of them logs in.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "xmpp/base64.h"
#include "xmpp/scram.h"

namespace {

using namespace iris::xmpp;

void check_base64(std::string_view text) {
  const auto bytes = base64_decode(text);
  if (bytes) IRIS_CHECK(base64_encode(*bytes) == text);
  IRIS_CHECK(base64_decode(base64_encode(text)) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_base64(text);
  static_cast<void>(parse_plain(text));

  // Up to the first line feed the first message, then the final one.
  const auto end = text.find('\n');
  const auto final = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  const auto keys = decoy_keys(ScramHash::sha256, "user", "secret");  // no password leads to these
  for (const bool plus : {false, true}) {
    ScramServer server(ScramHash::sha256, plus, {.tls_exporter = "exported", .tls_server_end_point = "hash"});
    const auto first = server.first(text.substr(0, end));
    if (!std::holds_alternative<ScramServer::First>(first)) continue;
    static_cast<void>(server.challenge(keys, "nonce"));
    IRIS_CHECK(std::holds_alternative<SaslCondition>(server.final(final)));
  }
  return 0;
}
