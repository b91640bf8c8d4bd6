// Bytes as lower-case hexadecimal text and back.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace iris::base {

std::string to_hex(std::string_view bytes);
// Nothing for an odd length or a character that is not a hexadecimal digit; upper case is accepted.
std::optional<std::string> from_hex(std::string_view text);

}  // namespace iris::base
