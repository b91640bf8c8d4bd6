// What a session has received from its shard: the two chains of deliveries (rule C3) and their cursors. Pure.
#pragma once
#include <array>
#include <cstdint>

#include "record/record.pb.h"

namespace iris::edge {

enum class Chain { direct = 0, inbox = 1 };

// A place on a chain.
struct Mark {
  Chain chain{};
  std::uint64_t stamp{};
};

class Chains {
 public:
  enum class Verdict {
    accept,     // the next one: write it
    duplicate,  // had it: confirm again
    gap,        // something before it is missing: register again
    stale,      // of another registration or owner: ignore
  };

  // A new registration was asked for; deliveries of others are stale from now on.
  void begin_registration(std::uint64_t number) { number_ = number, registered_ = false; }
  void registered(std::int64_t epoch, std::uint64_t direct_start);

  Verdict judge(const record::Deliver& deliver) const;
  void accept(Mark mark);  // received in order, handed to the client
  void ack(Mark mark);     // proven received by the client; never goes back

  std::uint64_t last(Chain chain) const { return of(chain).last; }
  std::uint64_t acked(Chain chain) const { return of(chain).acked; }
  bool inbox_open() const { return of(Chain::inbox).open; }
  bool is_registered() const { return registered_; }
  std::uint64_t number() const { return number_; }
  std::int64_t epoch() const { return epoch_; }

 private:
  struct State {
    std::uint64_t last = 0;  // stamp of the newest accepted delivery, or where the chain begins
    std::uint64_t acked = 0;
    bool open = false;  // last means something
  };
  const State& of(Chain chain) const { return states_[static_cast<std::size_t>(chain)]; }
  State& of(Chain chain) { return states_[static_cast<std::size_t>(chain)]; }

  std::array<State, 2> states_{};
  std::uint64_t number_ = 0;
  std::int64_t epoch_ = -1;
  bool registered_ = false;
};

}  // namespace iris::edge
