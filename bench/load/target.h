// Who is asked, from where, and as whom: what all sessions of a run share.
#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace iris::load {

class KeyCache;
class ClientTls;

enum class Transport : std::uint8_t { tcp, starttls, tls, ws, wss };
// "tcp", "starttls", "tls", "ws", "wss".
std::string_view transport_name(Transport transport);
inline bool is_websocket(Transport transport) { return transport == Transport::ws || transport == Transport::wss; }

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
  bool loopback_v4() const;
};
// Errc::not_found with what to do, if the name has no address.
base::Result<Endpoint> resolve(const std::string& host, std::uint16_t port);

// The address that connection `number` comes from: 127.77.0.1 and up, so many connections from each, because an address
// has only so many ports.
inline constexpr std::uint32_t kConnectionsPerSource = 20'000;
sockaddr_storage source_address(std::uint32_t number, std::uint32_t connections_per_source);

struct Target {
  Endpoint endpoint;
  Transport transport = Transport::tcp;
  std::string domain = "localhost";
  std::string path = "/ws";          // of the WebSocket
  std::string user_pattern = "u%d";  // %d: the account's number
  std::string password = "pw";
  std::string mechanism;  // empty: the best that both know
  std::uint32_t connections_per_source = kConnectionsPerSource;
  KeyCache* keys = nullptr;
  ClientTls* tls = nullptr;  // null for plain transports
  std::string user(std::uint32_t number) const;
  std::string bare_jid(std::uint32_t number) const { return user(number) + "@" + domain; }
};

}  // namespace iris::load
