// The client's side of a WebSocket (RFC 6455), as far as XMPP over one needs it (RFC 7395): bytes in, bytes out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace iris::load {

std::string websocket_request(std::string_view host, std::string_view path);
// One text message; or a pong. Masked with zeros: who measures does not hide from proxies.
void append_text_frame(std::string& out, std::string_view text);
std::string pong_frame(std::string_view payload);

// Takes what the server sends, in reads of any size.
class WebSocketReader {
 public:
  enum class Event { none, upgraded, text, ping, closed, broken };
  // The next thing in `bytes`, from which what it took is removed; `payload` is of text (perhaps a part of a message)
  // or of a ping, and lives until the next call. none: nothing more in these bytes.
  Event next(std::string_view& bytes, std::string_view& payload);

 private:
  Event read_head(std::string_view& bytes);
  bool read_header(std::string_view& bytes);

  bool upgraded_ = false;
  std::string gathered_;  // of the HTTP head, a frame's header, or a ping
  int opcode_ = -1;       // of the frame that is being read; -1: its header is not all there
  std::uint64_t left_ = 0;
  std::string ping_;  // the payload that was handed out
};

}  // namespace iris::load
