// Strong ids: numbers that cannot be taken for one another.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace iris::base {

template <typename Tag, typename Rep>
struct Id {
  Rep value{};
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

using PartitionId = Id<struct PartitionTag, std::uint32_t>;
using Offset = Id<struct OffsetTag, std::int64_t>;  // of a record in its partition's log; the first is 0
using Stamp = Id<struct StampTag, std::uint64_t>;   // position in time, microseconds since 1970; 0 is "before all"

// A bound stream. Names its place too, so that a Bus message finds it: node incarnation, loop, number on that loop.
struct SessionId {
  std::uint64_t incarnation{};  // of the node's process; random, non-zero
  std::uint32_t loop{};
  std::uint64_t number{};
  friend constexpr auto operator<=>(const SessionId&, const SessionId&) = default;
};

}  // namespace iris::base

template <typename Tag, typename Rep>
struct std::hash<iris::base::Id<Tag, Rep>> {
  std::size_t operator()(const iris::base::Id<Tag, Rep>& id) const noexcept { return std::hash<Rep>{}(id.value); }
};
template <>
struct std::hash<iris::base::SessionId> {
  std::size_t operator()(const iris::base::SessionId& s) const noexcept {
    return std::hash<std::uint64_t>{}(s.incarnation * 31 + (std::uint64_t{s.loop} << 48) + s.number);
  }
};
