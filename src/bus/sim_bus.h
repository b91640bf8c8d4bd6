// The simulated Bus: SimBusNet is the medium, one for the world, which carries encoded messages; SimBus is one node's
// end of it, and dies with the node. It loses, delays and doubles by chance from the world's seed; what it does not
// lose stays in order between one loop and one address.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "bus/bus.h"
#include "io/sim_loop.h"

namespace iris::bus {

struct SimBusOptions {
  base::Duration delay_min{10};
  base::Duration delay_max{1000};
  double drop = 0;        // chance per message
  double twice = 0;       // delivered once more right behind itself
  double twice_late = 0;  // delivered once more, up to late_max afterwards, behind what came meanwhile
  double late = 0;        // takes up to late_max, and what is behind it waits
  base::Duration late_max{1'500'000};
};

class SimBus;

class SimBusNet {
 public:
  SimBusNet(io::SimWorld& world, SimBusOptions options)
      : world_(world), options_(options), self_(world.add_loop("bus")) {}

  // Faults may be turned up and down while the world runs.
  SimBusOptions& options() { return options_; }
  // Between these two nodes nothing passes, either way, until mended.
  void cut(const std::string& a, const std::string& b) { cuts_.insert(std::minmax(a, b)); }
  void mend(const std::string& a, const std::string& b) { cuts_.erase(std::minmax(a, b)); }

  std::uint64_t sent() const { return sent_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  friend class SimBus;
  void send(const std::string& from, const Address& to, std::string bytes);
  void deliver(const Address& to, const std::string& bytes);

  io::SimWorld& world_;
  SimBusOptions options_;
  io::SimLoop& self_;
  std::map<std::string, SimBus*> nodes_;  // those that live
  std::set<std::pair<std::string, std::string>> cuts_;
  using Lane = std::pair<const io::SimLoop*, Address>;
  std::map<Lane, base::SteadyTime> last_;  // never iterated: keys hold pointers
  std::uint64_t sent_ = 0, dropped_ = 0;
};

class SimBus final : public Bus {
 public:
  // A node that starts again takes the place of its dead predecessor.
  SimBus(SimBusNet& net, std::string node);
  ~SimBus() override;

  void send(const Address& to, record::BusMessage message) override;
  void attach(std::uint32_t loop, io::Loop& where, Receiver receiver) override;

 private:
  friend class SimBusNet;
  struct End {
    io::Loop* where;
    Receiver receiver;
  };
  SimBusNet& net_;
  const std::string node_;
  std::map<std::uint32_t, std::shared_ptr<End>> ends_;
};

}  // namespace iris::bus
