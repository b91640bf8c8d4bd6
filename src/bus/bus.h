// Ephemeral messages from node to node, by node name and loop: deliveries, presence, IQs, registrations. It may lose,
// delay and double; losing a Bus message must never lose a user's message. LocalBus (one process), SimBus (simulation).
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/callback.h"
#include "base/ids.h"
#include "io/loop.h"
#include "record/record.pb.h"

namespace iris::bus {

struct Address {
  std::string node;
  std::uint32_t loop{};
  friend auto operator<=>(const Address&, const Address&) = default;
};

// A message is the receiver's own: it may take it apart.
using Receiver = base::Callback<void(record::BusMessage&& message)>;

class Bus {
 public:
  virtual ~Bus() = default;
  // Thread-safe. Never blocks, never runs a receiver inside the call. From one loop to one address in order, while
  // nothing is lost. Over the bounded queue of the receiving loop it is dropped and counted.
  virtual void send(const Address& to, record::BusMessage message) = 0;
  // The receiver of this node's loop number `loop`; runs on `where`. Set before the loops run.
  virtual void attach(std::uint32_t loop, io::Loop& where, Receiver receiver) = 0;
};

}  // namespace iris::bus
