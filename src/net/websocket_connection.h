// Text messages over a connection that was upgraded to WebSocket: answers pings, closes in order.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "net/connection.h"
#include "net/websocket.h"

namespace iris::net {

// As ConnectionHandler: on the connection's loop, never from inside a call of the WebSocketConnection.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  // One whole text message, valid UTF-8; lives until the call returns. None comes after close(), pause_reading() or
  // move_to() in the call, not even one that has been read already (it waits).
  virtual void on_message(std::string_view text) = 0;
  virtual void on_drained() {}
  // The peer broke a rule; the connection is closed with `code` when this returns. What is sent before still goes out,
  // and who closes it in the call has the last word.
  virtual void on_refused(WebSocketCode code) { static_cast<void>(code); }
  // The last call, exactly once.
  virtual void on_closed(CloseReason reason) = 0;
};

struct WebSocketOptions {
  // A stanza and its wrapping; longer is refused (1009). The XML parser behind has the sharper limit.
  std::size_t message_bytes_max = 512 * 1024;
};

// Ownership as Connection: an open one keeps itself and its handler alive, and lets the handler go after on_closed.
class WebSocketConnection : public std::enable_shared_from_this<WebSocketConnection> {
 public:
  // The upgrade has been answered on `connection`; its handler becomes a part of this. `rest` are bytes that came
  // behind the request. Messages come after start().
  static std::shared_ptr<WebSocketConnection> make(std::shared_ptr<Connection> connection, WebSocketOptions options,
                                                   std::string rest = {});
  void start(std::shared_ptr<WebSocketHandler> handler);
  void set_handler(std::shared_ptr<WebSocketHandler> handler);

  void send_text(std::string_view text);
  // A ping keeps proxies from cutting an idle connection; the pong is swallowed.
  void send_ping();
  // Sends a close frame; on_closed comes later, when the peer has answered or the close timeout is over.
  void close(WebSocketCode code, std::string_view reason = {});
  void abort();
  bool is_closing() const;
  // In place of WebSocketOptions::message_bytes_max, for messages that begin from now on.
  void set_message_max(std::size_t bytes) { parser_.set_message_max(bytes); }

  std::size_t output_bytes() const;
  bool is_congested() const;
  void pause_reading();
  void resume_reading();
  // As Connection::move_to; read but undelivered messages come along.
  void move_to(io::Loop& target, base::Callback<void()> done);

  io::Loop& loop() const;
  const Address& peer() const;
  bool is_encrypted() const;
  std::string channel_binding(ChannelBinding type) const;

 private:
  class Bytes;  // the ConnectionHandler
  WebSocketConnection(std::shared_ptr<Connection> connection, WebSocketOptions options, std::string rest);
  void take(std::string_view bytes);
  void deliver(std::string_view& bytes);
  bool handle(const WebSocketEvent& event);
  void rest_soon();
  void closed(CloseReason reason);

  std::shared_ptr<Connection> connection_;
  std::shared_ptr<WebSocketHandler> handler_;
  WebSocketParser parser_;
  std::string rest_;                      // read, not yet parsed: paused or moving
  std::shared_ptr<bool> rest_cancelled_;  // not null: a call that parses the rest is on its way
  bool paused_ = true;                    // until start()
  bool moving_ = false;
  bool closing_ = false;  // our close frame is out, or the end is near anyway
  bool closed_ = false;
};

}  // namespace iris::net
