#include "net/address.h"

#include <arpa/inet.h>

#include <charconv>

namespace iris::net {

bool Address::is_loopback() const { return ip == "unix" || ip == "::1" || ip.starts_with("127."); }

std::string Address::to_string() const {
  if (ip == "unix") return ip;
  const std::string host = ip.find(':') == std::string::npos ? ip : '[' + ip + ']';
  return host + ':' + std::to_string(port);
}

base::Result<Address> parse_address(const std::string& text) {
  const base::Error wrong{base::Errc::invalid, "'" + text + "' is not of the form 127.0.0.1:5222 or [::1]:5222"};
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return wrong;
  Address address{.ip = text.substr(0, colon)};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (error != std::errc{} || stop != end) return wrong;

  unsigned char binary[sizeof(in6_addr)];
  if (address.ip.starts_with('[') && address.ip.ends_with(']')) {
    address.ip = address.ip.substr(1, address.ip.size() - 2);
    if (inet_pton(AF_INET6, address.ip.c_str(), binary) != 1) return wrong;
    return address;
  }
  if (address.ip == "localhost") address.ip = "127.0.0.1";
  if (inet_pton(AF_INET, address.ip.c_str(), binary) != 1) return wrong;
  return address;
}

}  // namespace iris::net
