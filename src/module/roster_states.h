// The subscription states of RFC 6121 appendix A, as its tables say it: what a subscription stanza that the user sends
// (outbound) or that arrives for the user (inbound) does to a contact's state, whether it goes any further, and what is
// answered without asking. SHOULD NOT is done as MUST NOT, SHOULD as MUST. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace iris::module {

enum class SubscriptionStep : std::uint8_t { subscribe, unsubscribe, subscribed, unsubscribed };

inline std::optional<SubscriptionStep> subscription_step(std::string_view presence_type) {
  if (presence_type == "subscribe") return SubscriptionStep::subscribe;
  if (presence_type == "unsubscribe") return SubscriptionStep::unsubscribe;
  if (presence_type == "subscribed") return SubscriptionStep::subscribed;
  if (presence_type == "unsubscribed") return SubscriptionStep::unsubscribed;
  return std::nullopt;
}

// A.1. In the order of the tables.
enum class SubscriptionState : std::uint8_t { none, none_out, none_in, none_out_in, to, to_in, from, from_out, both };
inline constexpr std::size_t kSubscriptionStates = 9;

struct SubscriptionBits {
  bool to = false;
  bool from = false;
  bool ask_out = false;
  bool ask_in = false;
  friend bool operator==(const SubscriptionBits&, const SubscriptionBits&) = default;
};

constexpr SubscriptionBits bits_of(SubscriptionState state) {
  using enum SubscriptionState;
  return {.to = state == to || state == to_in || state == both,
          .from = state == from || state == from_out || state == both,
          .ask_out = state == none_out || state == none_out_in || state == from_out,
          .ask_in = state == none_in || state == none_out_in || state == to_in};
}

// Bits that cannot stand together (asked for what is there already) lose the question.
constexpr SubscriptionState state_of(SubscriptionBits bits) {
  using enum SubscriptionState;
  if (bits.to && bits.from) return both;
  if (bits.to) return bits.ask_in ? to_in : to;
  if (bits.from) return bits.ask_out ? from_out : from;
  if (bits.ask_out) return bits.ask_in ? none_out_in : none_out;
  return bits.ask_in ? none_in : none;
}

// What a cell asks for beside its columns.
enum class Also : std::uint8_t {
  nothing,
  pre_approve,   // note the pre-approval (§3.4.2)
  end_approval,  // forget it, if there is one (§3.2.2)
  subscribed,    // answer so on the user's behalf
  unsubscribed,  // likewise
};

struct SubscriptionCell {
  bool pass;               // outbound: route it to the contact. Inbound: deliver it to the user
  SubscriptionState next;  // the same as before: no state change
  Also also = Also::nothing;
  friend bool operator==(const SubscriptionCell&, const SubscriptionCell&) = default;
};

namespace detail {
using enum SubscriptionState;
using enum Also;
using SubscriptionTable = std::array<std::array<SubscriptionCell, kSubscriptionStates>, 4>;

// A.2.1 to A.2.4 (tables 2 to 5); columns: None, None+Out, None+In, None+Out+In, To, To+In, From, From+Out, Both.
inline constexpr SubscriptionTable kOutbound{{
    // subscribe
    {{{true, none_out},
      {true, none_out},
      {true, none_out_in},
      {true, none_out_in},
      {true, to},
      {true, to_in},
      {true, from_out},
      {true, from_out},
      {true, both}}},
    // unsubscribe
    {{{true, none},
      {true, none},
      {true, none_in},
      {true, none_in},
      {true, none},
      {true, none_in},
      {true, from},
      {true, from},
      {true, from}}},
    // subscribed
    {{{false, none, pre_approve},
      {false, none_out, pre_approve},
      {true, from},
      {true, from_out},
      {false, to, pre_approve},
      {true, both},
      {false, from},
      {false, from_out},
      {false, both}}},
    // unsubscribed. An approval that stands beside a subscription ends with it (§3.4.2, first note).
    {{{false, none, end_approval},
      {false, none_out, end_approval},
      {true, none, end_approval},
      {true, none_out, end_approval},
      {false, to, end_approval},
      {true, to, end_approval},
      {true, none, end_approval},
      {true, none_out, end_approval},
      {true, to, end_approval}}},
}};

// A.3.1 to A.3.4 (tables 6 to 9).
inline constexpr SubscriptionTable kInbound{{
    // subscribe
    {{{true, none_in},
      {true, none_out_in},
      {false, none_in},
      {false, none_out_in},
      {true, to_in},
      {false, to_in},
      {false, from, subscribed},
      {false, from_out, subscribed},
      {false, both, subscribed}}},
    // unsubscribe
    {{{false, none},
      {false, none_out},
      {true, none, unsubscribed},
      {true, none_out, unsubscribed},
      {false, to},
      {true, to, unsubscribed},
      {true, none, unsubscribed},
      {true, none_out, unsubscribed},
      {true, to, unsubscribed}}},
    // subscribed
    {{{false, none},
      {true, to},
      {false, none_in},
      {true, to_in},
      {false, to},
      {false, to_in},
      {false, from},
      {true, both},
      {false, both}}},
    // unsubscribed
    {{{false, none},
      {true, none},
      {false, none_in},
      {true, none_in},
      {true, none},
      {true, none_in},
      {false, from},
      {true, from},
      {true, from}}},
}};
}  // namespace detail

constexpr SubscriptionCell outbound(SubscriptionState state, SubscriptionStep step) {
  return detail::kOutbound[static_cast<std::size_t>(step)][static_cast<std::size_t>(state)];
}
// `approved`: there is a pre-approval. The table's note [1] lets a server answer for the user, §3.4.2 demands it.
constexpr SubscriptionCell inbound(SubscriptionState state, SubscriptionStep step, bool approved = false) {
  if (approved && step == SubscriptionStep::subscribe) {
    auto bits = bits_of(state);
    bits.from = true;
    return {false, state_of(bits), Also::subscribed};
  }
  return detail::kInbound[static_cast<std::size_t>(step)][static_cast<std::size_t>(state)];
}

}  // namespace iris::module
