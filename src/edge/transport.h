// What a stream runs on: a TCP connection (RFC 6120) or a WebSocket (RFC 7395), or a fake one in tests. Lives on the
// stream's loop. Calls back through Stream's on_… methods, never from inside a call of its own.
#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "base/callback.h"
#include "io/loop.h"
#include "net/address.h"
#include "net/connection.h"
#include "net/websocket_connection.h"
#include "xmpp/scram.h"

namespace iris::edge {

class Stream;

enum class Framing {
  stream,    // one long document; bytes arrive in any pieces
  messages,  // each stanza is a message
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual Framing framing() const = 0;
  virtual void send(std::string bytes) = 0;  // messages: one whole message
  virtual void close() = 0;                  // after what was sent
  virtual std::size_t output_bytes() const = 0;
  virtual bool is_congested() const = 0;
  virtual void hold_input(bool hold) = 0;
  virtual void set_message_max(std::size_t) {}  // messages: bytes of one, from now on

  virtual bool can_start_tls() const = 0;
  virtual void start_tls() = 0;  // on_tls follows
  virtual bool is_encrypted() const = 0;
  virtual xmpp::ChannelBinding channel_binding() const = 0;

  // To the loop of another edge; `done` runs there. Nobody touches transport or stream in between.
  virtual void move_to(io::Loop& target, base::Callback<void()> done) = 0;
  virtual const net::Address& peer() const = 0;
};

// Handlers that carry a stream on a real connection. They hold the stream until the connection has closed.
std::shared_ptr<net::ConnectionHandler> carry(const std::shared_ptr<net::Connection>& connection,
                                              std::shared_ptr<net::TlsContext> tls,
                                              base::Callback<std::shared_ptr<Stream>(std::shared_ptr<Transport>)> make);
std::shared_ptr<net::WebSocketHandler> carry(const std::shared_ptr<net::WebSocketConnection>& connection,
                                             base::Callback<std::shared_ptr<Stream>(std::shared_ptr<Transport>)> make);

}  // namespace iris::edge
