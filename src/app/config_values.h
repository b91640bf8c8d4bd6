// How values with a unit are written in iris.toml: "30s", "256KiB".
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace iris::app {

// A whole number and a unit without a space: us, ms, s, m, h, d. Nothing for anything else, or what does not fit.
std::optional<base::Duration> parse_duration(std::string_view text);
// In the largest unit that divides it: "90s", "5m".
std::string format_duration(base::Duration value);

// B, KiB, MiB, GiB.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);

// RFC 3986 §3: a scheme and something behind it, of printable ASCII.
bool is_uri(std::string_view text);

// A name or a numeric address, IPv6 in brackets, and a port of 1 to 65535.
bool is_host_and_port(const std::string& text);

}  // namespace iris::app
