// Who owns which partition, as far as this loop has heard. One per loop, touched on that loop only. In one process it
// is filled at start; in a cluster by announcements, each with the owner's epoch (rule O1): a lower epoch is ignored.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "bus/bus.h"

namespace iris::bus {

struct Owner {
  Address address;
  std::int64_t epoch{};  // offset of the owner's takeover
};

class Owners {
 public:
  explicit Owners(std::uint32_t partitions) : owners_(partitions) {}

  const std::optional<Owner>& of(base::PartitionId partition) const { return owners_[partition.value]; }

  // True if it was news. Then the listeners run: edges register their sessions of that partition again.
  bool announce(base::PartitionId partition, const Owner& owner) {
    auto& known = owners_[partition.value];
    if (known && known->epoch >= owner.epoch) return false;
    known = owner;
    for (auto& listener : listeners_) listener(partition);
    return true;
  }

  void listen(std::function<void(base::PartitionId)> listener) { listeners_.push_back(std::move(listener)); }

 private:
  std::vector<std::optional<Owner>> owners_;
  std::vector<std::function<void(base::PartitionId)>> listeners_;
};

}  // namespace iris::bus
