#include "shard/sources.h"

namespace iris::shard {

bool Sources::accept(const record::Source& source) {
  auto& seen = seen_[source.partition()];
  bool is_new = source.stamp() > seen.floor && seen.above.emplace(source.stamp(), source.index()).second;
  // A record's floor is below its own stamp; all emissions up to it stand before this record in the log.
  if (source.floor() > seen.floor) {
    seen.floor = source.floor();
    seen.above.erase(seen.above.begin(), seen.above.upper_bound({seen.floor, UINT32_MAX}));
  }
  return is_new;
}

bool Sources::accepted(std::uint32_t partition, base::Stamp stamp, std::uint32_t index) const {
  auto it = seen_.find(partition);
  if (it == seen_.end()) return false;
  return stamp.value <= it->second.floor || it->second.above.contains({stamp.value, index});
}

void Sources::save(record::CheckpointRow& row) const {
  for (const auto& [partition, seen] : seen_) {
    auto* out = row.add_sources();
    out->set_partition(partition);
    out->set_floor(seen.floor);
    for (const auto& [stamp, index] : seen.above) {
      out->add_stamps(stamp);
      out->add_indexes(index);
    }
  }
}

void Sources::load(const record::CheckpointRow& row) {
  seen_.clear();
  for (const auto& in : row.sources()) {
    auto& seen = seen_[in.partition()];
    seen.floor = in.floor();
    for (int i = 0; i < in.stamps_size(); ++i) seen.above.emplace(in.stamps(i), in.indexes(i));
  }
}

}  // namespace iris::shard
