// Keeps the log's promise that, of the appends made from one loop to one partition, those that are in the log are a
// prefix (log/log.h): once one fails, all that were made before the caller could know of it fail too. Each append takes
// the generation of its (loop, partition); a failure fails its generation; the loop, when told, begins the next.
// Pure bookkeeping, not thread-safe: the log that owns it guards it. Never iterated, so a pointer may be the key.
#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/ids.h"
#include "base/result.h"
#include "io/loop.h"

namespace iris::rocks {

class AppendFence {
 public:
  struct Ticket {
    const io::Loop* loop{};
    base::PartitionId partition{};
    std::uint64_t generation{};
  };

  // When an append is asked for.
  Ticket enter(const io::Loop& loop, base::PartitionId partition) {
    const auto found = lanes_.find({&loop, partition});
    return {&loop, partition, found == lanes_.end() ? 1 : found->second.now};
  }
  // Why it must not be carried out any more, if so.
  std::optional<base::Errc> failed(const Ticket& ticket) const {
    const auto found = lanes_.find({ticket.loop, ticket.partition});
    if (found == lanes_.end() || ticket.generation > found->second.failed) return std::nullopt;
    return found->second.code;
  }
  // It failed, and so does all of its generation.
  void fail(const Ticket& ticket, base::Errc code) {
    Lane& lane = lanes_[{ticket.loop, ticket.partition}];
    if (ticket.generation <= lane.failed) return;
    lane.failed = ticket.generation;
    lane.code = code;
  }
  // On the loop, before the failed append's completion runs.
  void told(const Ticket& ticket) {
    Lane& lane = lanes_[{ticket.loop, ticket.partition}];
    if (lane.now <= ticket.generation) lane.now = ticket.generation + 1;
  }

 private:
  struct Key {
    const io::Loop* loop;
    base::PartitionId partition;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<const void*>{}(key.loop) * 31 + key.partition.value;
    }
  };
  struct Lane {
    std::uint64_t now = 1;
    std::uint64_t failed = 0;
    base::Errc code = base::Errc::unknown_outcome;
  };
  std::unordered_map<Key, Lane, Hash> lanes_;
};

}  // namespace iris::rocks
