// The framing of WebSocket, RFC 6455, server side, without I/O: bytes in, messages and control frames out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace iris::net {

// RFC 6455 §7.4.1
enum class WebSocketCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005,  // never sent: a close frame without a code
  abnormal = 1006,   // never sent: the connection ended without a close frame
  invalid_payload = 1007,
  policy_violation = 1008,
  too_big = 1009,
  internal_error = 1011,
};

// What next() found.
struct WebSocketEvent {
  enum class Kind {
    need_more,  // all bytes are taken, no event is complete
    message,    // text; `payload`
    ping,       // answer with a pong that carries `payload`
    pong,
    close,  // the peer closes; `code` (no_status if it gave none) and reason in `payload`. Nothing follows
    error,  // the peer broke a rule: close with `code`. Nothing follows
  };
  Kind kind{};
  std::string_view payload;  // valid until the next call of the parser
  WebSocketCode code{};
};

// Rules: frames must be masked (§5.1), reserved bits and opcodes are errors (no extension is negotiated), control
// frames are whole and up to 125 bytes (§5.5), text is UTF-8 (§8.1, also across fragments). Binary messages get
// unsupported_data: XMPP has none (RFC 7395 §3.2). Holds memory only while a message or a control frame is incomplete.
class WebSocketParser {
 public:
  explicit WebSocketParser(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  // For messages that begin from now on.
  void set_message_max(std::size_t bytes) { message_bytes_max_ = bytes; }

  // Takes bytes off the front of `input`, up to the end of the next event. Call until need_more.
  WebSocketEvent next(std::string_view& input);

 private:
  enum class State { header, message_payload, control_payload, ended };
  WebSocketEvent fail(WebSocketCode code);
  WebSocketEvent take_header();
  WebSocketEvent finish_message();
  WebSocketEvent finish_control();
  void unmask(std::string& out, std::string_view bytes);

  std::size_t message_bytes_max_;
  State state_ = State::header;
  char header_[14];              // of the frame being read: at most 2 + 8 + 4 bytes
  std::size_t header_size_ = 0;  // bytes of it so far
  std::uint64_t payload_left_ = 0;
  unsigned mask_at_ = 0;  // position in the mask
  unsigned char mask_[4]{};
  unsigned opcode_ = 0;  // of the current frame
  bool fin_ = false;
  bool in_message_ = false;    // a text message has begun and not ended
  bool delivered_ = false;     // message_ has been handed out: cleared by the next call
  std::string message_;        // so far, unmasked
  std::string control_;        // of the control frame being read; one may stand between a message's fragments
  std::string frame_payload_;  // of the ping or pong that was handed out
};

// Frames of a server: unmasked, unfragmented (§5.1).
std::string web_socket_text(std::string_view payload);
std::string web_socket_pong(std::string_view payload);
std::string web_socket_ping(std::string_view payload);
std::string web_socket_close(WebSocketCode code, std::string_view reason = {});

// Sec-WebSocket-Accept for a client's Sec-WebSocket-Key (§4.2.2).
std::string web_socket_accept(std::string_view key);

bool is_utf8(std::string_view text) noexcept;

}  // namespace iris::net
