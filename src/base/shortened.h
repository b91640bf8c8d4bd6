// For a log line or a message: the beginning of what a stranger chose.
#pragma once
#include <cstddef>
#include <string_view>

namespace iris::base {

// At most so many bytes, and of UTF-8 whole characters.
std::string_view shortened(std::string_view text, std::size_t bytes_max);

}  // namespace iris::base
