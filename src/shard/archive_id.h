// What the world sees of a stamp: archive id and stanza-id must not be predictable (XEP-0313 §8, XEP-0359 §4), so they
// are the stamp and the archive it belongs to, encrypted as one AES-128 block under a key of the deployment.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace iris::shard {

class ArchiveIds {
 public:
  explicit ArchiveIds(const std::array<std::uint8_t, 16>& key);
  ~ArchiveIds();

  // 32 hexadecimal digits.
  std::string encode(std::string_view archive_jid, base::Stamp stamp) const;
  // nullopt: not an id of this archive under this key.
  std::optional<base::Stamp> decode(std::string_view archive_jid, std::string_view id) const;

 private:
  struct Ciphers;
  std::unique_ptr<Ciphers> ciphers_;
};

}  // namespace iris::shard
