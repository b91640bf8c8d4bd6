#include "record/partition.h"

#include <xxhash.h>

namespace iris::record {

base::PartitionId partition_of(std::string_view bare, std::uint32_t partitions) noexcept {
  return {static_cast<std::uint32_t>(XXH64(bare.data(), bare.size(), 0) % partitions)};
}

std::uint64_t payload_hash(std::string_view inner) noexcept { return XXH64(inner.data(), inner.size(), 0); }

}  // namespace iris::record
