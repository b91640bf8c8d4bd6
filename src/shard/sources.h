// Rule S1: what this partition has accepted from every other (and from itself), so that an emission that comes twice is
// taken once. A function of the log's prefix (I6): advanced at dispatch, in log order, saved as of the checkpoint.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "base/ids.h"
#include "record/record.pb.h"

namespace iris::shard {

class Sources {
 public:
  // True: new, and now remembered. False: this emission was accepted before.
  bool accept(const record::Source& source);
  bool accepted(std::uint32_t partition, base::Stamp stamp, std::uint32_t index) const;

  void save(record::CheckpointRow& row) const;
  void load(const record::CheckpointRow& row);

  friend bool operator==(const Sources&, const Sources&) = default;

 private:
  struct Seen {
    std::uint64_t floor = 0;
    std::set<std::pair<std::uint64_t, std::uint32_t>> above;  // (stamp, index), all with stamp > floor
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  std::map<std::uint32_t, Seen> seen_;
};

}  // namespace iris::shard
