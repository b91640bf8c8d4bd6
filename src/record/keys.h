// Numbers in keys: big-endian, so that byte order is number order.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/ids.h"

namespace iris::record {

template <typename Number>
std::string big_endian(Number number) {
  static_assert(std::is_unsigned_v<Number>, "a sign bit would sort negatives last");
  std::string out(sizeof(Number), '\0');
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    out[sizeof(Number) - 1 - i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
  return out;
}

// Up to 8 bytes; callers check the length where bytes come from a disk.
inline std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t out = 0;
  for (const char c : bytes) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

inline std::string key_of(base::Stamp stamp) { return big_endian(stamp.value); }
inline std::string key_of(base::PartitionId partition) { return big_endian(partition.value); }
inline base::Stamp stamp_of_key(std::string_view key) { return {from_big_endian(key)}; }

}  // namespace iris::record
