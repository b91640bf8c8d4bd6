#include "net/websocket.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

namespace iris::net {
namespace {

enum Opcode : unsigned { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };
constexpr std::size_t kControlBytesMax = 125;  // §5.5

bool is_control(unsigned opcode) { return (opcode & 8) != 0; }

// §7.4: what a peer may say in a close frame.
bool may_be_sent(unsigned code) {
  if (code >= 3000 && code < 5000) return true;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

std::string frame(unsigned opcode, std::string_view payload) {
  std::string bytes;
  bytes.reserve(10 + payload.size());
  bytes += static_cast<char>(0x80 | opcode);
  const std::uint64_t size = payload.size();
  int size_bytes = 0;
  if (size < 126) {
    bytes += static_cast<char>(size);
  } else if (size < 65536) {
    bytes += static_cast<char>(126);
    size_bytes = 2;
  } else {
    bytes += static_cast<char>(127);
    size_bytes = 8;
  }
  for (int shift = (size_bytes - 1) * 8; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  bytes += payload;
  return bytes;
}

}  // namespace

// --- reading ---

WebSocketEvent WebSocketParser::next(std::string_view& input) {
  if (delivered_) {
    delivered_ = false;
    message_ = std::string();  // memory goes back: most connections are idle most of the time
  }
  frame_payload_ = std::string();
  for (;;) {
    switch (state_) {
      case State::ended: input = {}; return {WebSocketEvent::Kind::need_more};
      case State::header: {
        // How much of a header there is to be is known after its second byte.
        const std::size_t size_class = header_size_ < 2 ? 0 : static_cast<unsigned char>(header_[1]) & 0x7f;
        const std::size_t whole = header_size_ < 2 ? 2 : 6 + (size_class == 126 ? 2 : size_class == 127 ? 8 : 0);
        const std::size_t part = std::min(whole - header_size_, input.size());
        input.copy(header_ + header_size_, part);  // input may be empty, its data null
        header_size_ += part;
        input.remove_prefix(part);
        if (header_size_ < whole) return {WebSocketEvent::Kind::need_more};
        if (whole == 2) {
          // Without a mask the header is shorter, and the frame wrong (§5.1).
          if ((header_[1] & 0x80) == 0) return fail(WebSocketCode::protocol_error);
          continue;
        }
        header_size_ = 0;
        if (const WebSocketEvent wrong = take_header(); wrong.kind == WebSocketEvent::Kind::error) return wrong;
        break;
      }
      case State::message_payload:
      case State::control_payload: {
        std::string& out = state_ == State::message_payload ? message_ : control_;
        const std::size_t part = std::min<std::uint64_t>(payload_left_, input.size());
        unmask(out, input.substr(0, part));
        input.remove_prefix(part);
        payload_left_ -= part;
        if (payload_left_ > 0) return {WebSocketEvent::Kind::need_more};
        const bool was_control = state_ == State::control_payload;
        state_ = State::header;
        if (was_control) return finish_control();
        if (fin_) return finish_message();
        break;
      }
    }
  }
}

WebSocketEvent WebSocketParser::fail(WebSocketCode code) {
  state_ = State::ended;
  message_ = std::string();
  control_ = std::string();
  return {WebSocketEvent::Kind::error, {}, code};
}

// §5.2, on a whole header
WebSocketEvent WebSocketParser::take_header() {
  const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(header_[i]); };
  const unsigned opcode = byte(0) & 0x0f;
  const bool fin = (byte(0) & 0x80) != 0;
  const unsigned size_class = byte(1) & 0x7f;
  std::size_t at = 2;
  std::uint64_t size = size_class;
  if (size_class >= 126) {
    size = 0;
    for (const std::size_t end = at + (size_class == 126 ? 2 : 8); at < end; ++at) size = size << 8 | byte(at);
    // The shortest form is a must, and the highest bit is not to be set.
    if (size < (size_class == 126 ? 126u : 65536u) || size >> 63 != 0) return fail(WebSocketCode::protocol_error);
  }
  std::memcpy(mask_, header_ + at, 4);
  mask_at_ = 0;
  if ((byte(0) & 0x70) != 0) return fail(WebSocketCode::protocol_error);  // no extension was agreed on

  if (is_control(opcode)) {
    if (opcode > kPong || !fin || size > kControlBytesMax) return fail(WebSocketCode::protocol_error);
    state_ = State::control_payload;
  } else {
    if (opcode == kBinary) return fail(WebSocketCode::unsupported_data);
    if (opcode > kBinary || (opcode == kContinuation) != in_message_) return fail(WebSocketCode::protocol_error);
    if (message_.size() > message_bytes_max_ || size > message_bytes_max_ - message_.size())
      return fail(WebSocketCode::too_big);
    in_message_ = !fin;
    fin_ = fin;
    state_ = State::message_payload;
  }
  opcode_ = opcode;
  payload_left_ = size;
  return {WebSocketEvent::Kind::need_more};
}

void WebSocketParser::unmask(std::string& out, std::string_view bytes) {
  const std::size_t begin = out.size();
  out += bytes;
  for (std::size_t i = begin; i < out.size(); ++i) {
    out[i] = static_cast<char>(out[i] ^ mask_[mask_at_]);
    mask_at_ = (mask_at_ + 1) & 3;
  }
}

WebSocketEvent WebSocketParser::finish_message() {
  if (!is_utf8(message_)) return fail(WebSocketCode::invalid_payload);
  delivered_ = true;
  return {WebSocketEvent::Kind::message, message_};
}

WebSocketEvent WebSocketParser::finish_control() {
  if (opcode_ != kClose) {
    frame_payload_ = std::move(control_);
    control_ = std::string();
    return {opcode_ == kPing ? WebSocketEvent::Kind::ping : WebSocketEvent::Kind::pong, frame_payload_};
  }
  if (control_.empty()) {
    state_ = State::ended;
    return {WebSocketEvent::Kind::close, {}, WebSocketCode::no_status};
  }
  if (control_.size() == 1) return fail(WebSocketCode::protocol_error);
  const unsigned code = static_cast<unsigned char>(control_[0]) << 8 | static_cast<unsigned char>(control_[1]);
  if (!may_be_sent(code)) return fail(WebSocketCode::protocol_error);
  const std::string_view reason = std::string_view(control_).substr(2);
  if (!is_utf8(reason)) return fail(WebSocketCode::invalid_payload);
  state_ = State::ended;
  return {WebSocketEvent::Kind::close, reason, static_cast<WebSocketCode>(code)};
}

// --- writing ---

std::string web_socket_text(std::string_view payload) { return frame(kText, payload); }
std::string web_socket_pong(std::string_view payload) { return frame(kPong, payload.substr(0, kControlBytesMax)); }
std::string web_socket_ping(std::string_view payload) { return frame(kPing, payload.substr(0, kControlBytesMax)); }

std::string web_socket_close(WebSocketCode code, std::string_view reason) {
  if (code == WebSocketCode::no_status) return frame(kClose, {});
  const auto number = static_cast<unsigned>(code);
  std::string payload{static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
  std::string_view fits = reason.substr(0, kControlBytesMax - 2);
  while (!is_utf8(fits)) fits.remove_suffix(1);  // a cut may have split a character
  payload += fits;
  return frame(kClose, payload);
}

std::string web_socket_accept(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char hash[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash);
  unsigned char base64[(SHA_DIGEST_LENGTH + 2) / 3 * 4 + 1];
  const int size = EVP_EncodeBlock(base64, hash, SHA_DIGEST_LENGTH);
  return {reinterpret_cast<const char*>(base64), static_cast<std::size_t>(size)};
}

// RFC 3629 §4: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  while (at < end) {
    if (end - at >= 8) {  // ASCII by eights
      std::uint64_t eight;
      std::memcpy(&eight, at, 8);
      if ((eight & 0x8080808080808080) == 0) {
        at += 8;
        continue;
      }
    }
    const unsigned char first = *at++;
    if (first < 0x80) continue;
    int more = 0;
    unsigned char low = 0x80, high = 0xbf;  // of the second byte
    if (first >= 0xc2 && first <= 0xdf) {
      more = 1;
    } else if (first >= 0xe0 && first <= 0xef) {
      more = 2;
      if (first == 0xe0) low = 0xa0;
      if (first == 0xed) high = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
      more = 3;
      if (first == 0xf0) low = 0x90;
      if (first == 0xf4) high = 0x8f;
    } else {
      return false;
    }
    for (; more > 0; --more, low = 0x80, high = 0xbf) {
      if (at == end || *at < low || *at > high) return false;
      ++at;
    }
  }
  return true;
}

}  // namespace iris::net
