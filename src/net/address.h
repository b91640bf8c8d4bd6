// Where a peer or a listener is.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"

namespace iris::net {

struct Address {
  std::string ip;  // numeric, "127.0.0.1" or "::1"; an IPv4 address mapped into IPv6 is shown as IPv4; "unix" for a
                   // socket in the file system
  std::uint16_t port{};

  bool is_loopback() const;
  std::string to_string() const;  // "127.0.0.1:5222", "[::1]:5222"
  friend bool operator==(const Address&, const Address&) = default;
};

// From the forms of to_string(); names are not looked up, except that "localhost" is 127.0.0.1.
base::Result<Address> parse_address(const std::string& text);

}  // namespace iris::net
