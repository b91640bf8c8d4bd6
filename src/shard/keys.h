// Numbers in clustering and state keys: big-endian, so that byte order is number order.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace iris::shard {

template <typename Number>
std::string big_endian(Number number) {
  std::string out(sizeof(Number), '\0');
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    out[sizeof(Number) - 1 - i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
  return out;
}
inline std::string key_of(base::Stamp stamp) { return big_endian(stamp.value); }

inline std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t out = 0;
  for (char c : bytes) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}
inline base::Stamp stamp_of(std::string_view key) { return base::Stamp{number_of(key)}; }

}  // namespace iris::shard
