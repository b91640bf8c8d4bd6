// Keeps the log's promise that, of the appends made from one loop to one partition, those that are in the log are a
// prefix (log/log.h): once one fails, all fail that were made behind it before the caller could know. Each append takes
// a number in its lane (loop, partition); a failure shuts the lane from its number on; when all that was made in the
// lane is settled, it is open again for what is made from then on.
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
    std::uint64_t number{};
  };

  // When an append is asked for.
  Ticket enter(const io::Loop& loop, base::PartitionId partition) {
    return {&loop, partition, lanes_[{&loop, partition}].entered++};
  }
  // Why it must not be carried out any more, if so. Not to be asked of one that is settled.
  std::optional<base::Errc> failed(const Ticket& ticket) {
    const auto& shut = lanes_[{ticket.loop, ticket.partition}].shut;
    return shut && shut->begin <= ticket.number ? std::optional(shut->code) : std::nullopt;
  }
  // It failed, and so does all behind it until the loop has been told of every one of them: whoever made one of them
  // may not know yet, and would get what it makes next in before what it has to make again. In any order: one may fail
  // after another that was behind it.
  void fail(const Ticket& ticket, base::Errc code) {
    auto& shut = lanes_[{ticket.loop, ticket.partition}].shut;
    if (!shut || ticket.number < shut->begin) shut = Shut{ticket.number, code};
  }
  // Once for each: it has succeeded; or it has failed, on the loop, before its completion runs.
  void settled(const Ticket& ticket) {
    Lane& lane = lanes_[{ticket.loop, ticket.partition}];
    if (++lane.settled == lane.entered) lane.shut.reset();
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
  struct Shut {
    std::uint64_t begin;
    base::Errc code;
  };
  struct Lane {
    std::uint64_t entered = 0, settled = 0;
    std::optional<Shut> shut;
  };
  std::unordered_map<Key, Lane, Hash> lanes_;
};

}  // namespace iris::rocks
