// Keeps the log's promise that, of the appends made from one loop to one partition, those that are in the log are a
// prefix (log/log.h): once one fails, all fail that were made behind it before the caller could know. Each append takes
// a number in its lane (loop, partition); a failure shuts the lane from its number on; when the loop has been told, the
// lane is open again for what is made from then on.
// Pure bookkeeping, not thread-safe: the log that owns it guards it. Never iterated, so a pointer may be the key.
#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "io/loop.h"

namespace iris::rocks {

class AppendFence {
 public:
  struct Ticket {
    const io::Loop* loop{};
    base::PartitionId partition{};
    std::uint64_t number{};
  };

  // When an append is asked for.
  Ticket enter(const io::Loop& loop, base::PartitionId partition) {
    return {&loop, partition, lanes_[{&loop, partition}].next++};
  }
  // Why it must not be carried out any more, if so. To be asked in the order of a lane's tickets.
  std::optional<base::Errc> failed(const Ticket& ticket) {
    Lane& lane = lanes_[{ticket.loop, ticket.partition}];
    std::erase_if(lane.shut, [&](const Shut& shut) { return shut.end <= ticket.number; });
    for (const Shut& shut : lane.shut) {
      if (shut.holds(ticket)) return shut.code;
    }
    return std::nullopt;
  }
  // It failed, and so does all behind it until the loop has been told of every one of them: whoever made one of them
  // may not know yet, and would get what it makes next in before what it has to make again.
  void fail(const Ticket& ticket, base::Errc code) {
    Lane& lane = lanes_[{ticket.loop, ticket.partition}];
    for (const Shut& shut : lane.shut) {
      if (shut.holds(ticket)) return;
    }
    lane.shut.push_back({ticket.number, kOpen, code, 0});
  }
  // On the loop, before the failed append's completion runs, once for each.
  void told(const Ticket& ticket) {
    Lane& lane = lanes_[{ticket.loop, ticket.partition}];
    for (Shut& shut : lane.shut) {
      if (!shut.holds(ticket) || shut.end != kOpen) continue;
      if (++shut.told == lane.next - shut.begin) shut.end = lane.next;
    }
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
  static constexpr std::uint64_t kOpen = ~std::uint64_t{0};
  struct Shut {
    std::uint64_t begin, end;
    base::Errc code;
    std::uint64_t told;  // failures that the loop knows of
    bool holds(const Ticket& ticket) const { return begin <= ticket.number && ticket.number < end; }
  };
  struct Lane {
    std::uint64_t next = 0;
    std::vector<Shut> shut;  // seldom more than one
  };
  std::unordered_map<Key, Lane, Hash> lanes_;
};

}  // namespace iris::rocks
