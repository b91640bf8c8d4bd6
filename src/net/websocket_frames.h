// For tests and fuzzing: frames as a client sends them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace iris::net {

// `first` is the frame's first byte: 0x81 for a whole text message.
inline std::string client_frame(unsigned first, std::string_view payload, std::string_view mask = "\x12\x34\x56\x78") {
  std::string bytes(1, static_cast<char>(first));
  const std::uint64_t size = payload.size();
  const int size_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  bytes += static_cast<char>(0x80 | (size_bytes == 0 ? size : size_bytes == 2 ? 126 : 127));
  for (int shift = (size_bytes - 1) * 8; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  bytes += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) bytes += static_cast<char>(payload[i] ^ mask[i % 4]);
  return bytes;
}

}  // namespace iris::net
