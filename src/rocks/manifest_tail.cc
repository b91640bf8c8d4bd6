#include "rocks/manifest_tail.h"

#include <rocksdb/env.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace iris::rocks {
namespace {

// The format of RocksDB's write-ahead log, which manifests have too: blocks, of records that begin with their masked
// CRC-32C:4, length:2, both little-endian, and a type:1, the first byte that the checksum is of.
constexpr std::size_t kBlock = 32768, kHeader = 7, kChecksum = 4;

std::uint32_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

std::uint32_t masked_crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0u;
  for (unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78u : 0u);
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

bool is_whole(std::string_view record) {
  std::uint32_t wanted = 0;
  for (std::size_t i = 0; i < kChecksum; ++i) wanted |= byte_at(record, i) << (8 * i);
  return masked_crc32c(record.substr(kChecksum)) == wanted;
}

// Where the last record begins, if it is torn.
std::optional<std::size_t> torn_from(std::string_view bytes) {
  const auto last = bytes.find_last_not_of('\0');
  const std::size_t zeros = last == std::string_view::npos ? 0 : last + 1;
  for (std::size_t at = 0; at < zeros;) {
    const std::size_t left = kBlock - at % kBlock;
    if (left < kHeader) {
      at += left;
      continue;
    }
    if (at + kHeader > bytes.size()) return {};
    const std::size_t end = at + kHeader + (byte_at(bytes, at + 4) | byte_at(bytes, at + 5) << 8);
    if (end > at + left || end > bytes.size()) return {};
    if (zeros < end) return is_whole(bytes.substr(at, end - at)) ? std::nullopt : std::optional(at);
    at = end;
  }
  return {};
}

}  // namespace

bool cut_torn_manifest_tail(rocksdb::Env& env, const std::string& folder) {
  std::string name, bytes;
  if (!rocksdb::ReadFileToString(&env, folder + "/CURRENT", &name).ok()) return false;
  while (name.ends_with('\n')) name.pop_back();
  if (!name.starts_with("MANIFEST-")) return false;
  const std::string path = folder + "/" + name;
  if (!rocksdb::ReadFileToString(&env, path, &bytes).ok()) return false;
  const auto end = torn_from(bytes);
  if (!end) return false;
  // Beside it first: a second loss of power finds the one or the other.
  const std::string made = path + ".cut";
  std::unique_ptr<rocksdb::Directory> directory;
  return rocksdb::WriteStringToFile(&env, bytes.substr(0, *end), made, true).ok() && env.RenameFile(made, path).ok() &&
         env.NewDirectory(folder, &directory).ok() && directory->Fsync().ok();
}

}  // namespace iris::rocks
