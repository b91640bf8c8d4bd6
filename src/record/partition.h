// Where an entity lives, and the hash that deduplication uses. Fixed for ever: accounts and stored rows hang on them.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace iris::record {

// xxhash64(bare JID) mod P.
base::PartitionId partition_of(std::string_view bare, std::uint32_t partitions) noexcept;

// Of a stanza's serialized children (rule C2).
std::uint64_t payload_hash(std::string_view inner) noexcept;

}  // namespace iris::record
