#include "load/target.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>

namespace iris::load {

std::string_view transport_name(Transport transport) {
  switch (transport) {
    case Transport::tcp: return "tcp";
    case Transport::starttls: return "starttls";
    case Transport::tls: return "tls";
    case Transport::ws: return "ws";
    case Transport::wss: return "wss";
  }
  return "";
}

bool Endpoint::loopback_v4() const {
  if (address.ss_family != AF_INET) return false;
  sockaddr_in v4{};
  std::memcpy(&v4, &address, sizeof v4);
  return ntohl(v4.sin_addr.s_addr) >> 24U == 127;
}

base::Result<Endpoint> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0)
    return base::Error{base::Errc::not_found, "'" + host + "' has no address (" + gai_strerror(error) +
                                                  "); say where the server is with --host"};
  Endpoint out;
  std::memcpy(&out.address, found->ai_addr, found->ai_addrlen);
  out.size = found->ai_addrlen;
  freeaddrinfo(found);
  return out;
}

sockaddr_storage source_address(std::uint32_t number, std::uint32_t connections_per_source) {
  constexpr std::uint32_t kFirst = (127U << 24U) | (77U << 16U) | 1U;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(kFirst + number / connections_per_source);
  sockaddr_storage out{};
  std::memcpy(&out, &v4, sizeof v4);
  return out;
}

std::string Target::user(std::uint32_t number) const {
  const std::size_t at = user_pattern.find("%d");
  return user_pattern.substr(0, at) + std::to_string(number) + user_pattern.substr(at + 2);
}

}  // namespace iris::load
