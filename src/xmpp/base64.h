// Base64 (RFC 4648 §4), strict: padding required, no whitespace, unused bits zero.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace iris::xmpp {

std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace iris::xmpp
