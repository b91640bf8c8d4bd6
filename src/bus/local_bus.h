// The Bus of one process: a bounded queue per loop, and one wake-up of the loop for all that has come meanwhile.
// Messages are moved from loop to loop, never encoded.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bus/bus.h"

namespace iris::bus {

struct LocalBusOptions {
  // Presence gets one half of the first two: what one client says, all sessions and contacts of its account hear, and a
  // hundred sessions that speak at once would leave no room for answers, which nobody sends again.
  std::size_t messages_max = 65536;   // waiting for one loop; what is lost is sent again after a gap (rule C3)
  std::size_t bytes_max = 64u << 20;  // likewise, as they would be encoded
};

// Owned by app/, which attaches every loop before any loop runs. Messages to another node are dropped and counted.
class LocalBus final : public Bus {
 public:
  explicit LocalBus(std::string node, LocalBusOptions options = {});
  ~LocalBus() override;

  void send(const Address& to, record::BusMessage message) override;
  void attach(std::uint32_t loop, io::Loop& where, Receiver receiver) override;

 private:
  struct Queue;
  const std::string node_;
  const LocalBusOptions options_;
  std::vector<std::shared_ptr<Queue>> queues_;  // by loop number; fixed once loops run
};

}  // namespace iris::bus
