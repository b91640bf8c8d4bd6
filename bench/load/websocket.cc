#include "load/websocket.h"

#include <algorithm>

namespace iris::load {
namespace {

constexpr std::size_t kHeadMax = 16U << 10U, kPingMax = 125;
enum Opcode { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

void append_frame(std::string& out, int opcode, std::string_view payload) {
  constexpr int kFinal = 0x80, kMasked = 0x80;
  out += static_cast<char>(kFinal | opcode);
  const std::size_t size = payload.size();
  if (size < 126) {
    out += static_cast<char>(kMasked | static_cast<int>(size));
  } else {
    const int bytes = size < 65536 ? 2 : 8;
    out += static_cast<char>(kMasked | (bytes == 2 ? 126 : 127));
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i) & 0xff);
  }
  out.append(4, '\0');
  out += payload;
}

}  // namespace

std::string websocket_request(std::string_view host, std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: " + std::string(host) +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: aXJpcy1iZW5jaC1rZXkhIQ==\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n";
}

void append_text_frame(std::string& out, std::string_view text) { append_frame(out, kText, text); }

std::string pong_frame(std::string_view payload) {
  std::string out;
  append_frame(out, kPong, payload);
  return out;
}

WebSocketReader::Event WebSocketReader::read_head(std::string_view& bytes) {
  const std::size_t before = gathered_.size();
  gathered_.append(bytes.substr(0, kHeadMax));
  const std::size_t end = gathered_.find("\r\n\r\n");
  if (end == std::string::npos) {
    bytes = {};
    return gathered_.size() > kHeadMax ? Event::broken : Event::none;
  }
  bytes.remove_prefix(end + 4 - before);
  upgraded_ = gathered_.starts_with("HTTP/1.1 101 ");
  gathered_.clear();
  return upgraded_ ? Event::upgraded : Event::broken;
}

// True when it is whole.
bool WebSocketReader::read_header(std::string_view& bytes) {
  while (!bytes.empty()) {
    gathered_ += bytes.front();
    bytes.remove_prefix(1);
    if (gathered_.size() < 2) continue;
    const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(gathered_[i]); };
    const unsigned length = byte(1) & 0x7fU;
    const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (gathered_.size() < 2 + more) continue;
    left_ = more == 0 ? length : 0;
    for (std::size_t i = 0; i < more; ++i) left_ = left_ << 8U | byte(2 + i);
    opcode_ = byte(0) & 0x0fU;
    gathered_.clear();
    return true;
  }
  return false;
}

WebSocketReader::Event WebSocketReader::next(std::string_view& bytes, std::string_view& payload) {
  if (!upgraded_) return bytes.empty() ? Event::none : read_head(bytes);
  while (true) {
    if (opcode_ < 0 && !read_header(bytes)) return Event::none;
    const std::string_view part = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
    bytes.remove_prefix(part.size());
    left_ -= part.size();
    const int opcode = opcode_;
    if (left_ == 0) opcode_ = -1;
    if (opcode == kClose) return Event::closed;
    if (opcode == kText || opcode == kContinuation) {
      payload = part;
      if (!part.empty()) return Event::text;
    } else if (opcode == kPing) {
      gathered_ += part;
      if (gathered_.size() > kPingMax) return Event::broken;
      if (left_ == 0) {
        ping_.swap(gathered_);
        gathered_.clear();
        payload = ping_;
        return Event::ping;
      }
    } else if (opcode != kPong) {
      return Event::broken;
    }
    if (bytes.empty()) return Event::none;
  }
}

}  // namespace iris::load
