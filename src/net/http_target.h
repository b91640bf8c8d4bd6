// The target of an HTTP request, and the host that it is for: RFC 9112 §3.2, RFC 3986. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace iris::net {

// Whether a Host header may say so (RFC 9112 §3.2): a name or address, perhaps with a port. Empty: there is none.
bool is_host(std::string_view text);

// Cuts `scheme://authority` off a target in absolute form (RFC 9112 §3.2.2). Nothing: it is of another form.
std::optional<std::string> take_authority(std::string_view& target);

// The path of a request's target, decoded; false if it is malformed, or has "." or ".." parts or a zero byte.
bool decode_target(std::string_view target, std::string& path, std::string& query);

}  // namespace iris::net
