#include "bus/sim_bus.h"

#include <algorithm>

#include "base/check.h"
#include "record/codec.h"

namespace iris::bus {

SimBus::SimBus(SimBusNet& net, std::string node) : net_(net), node_(std::move(node)) { net_.nodes_[node_] = this; }

SimBus::~SimBus() {
  const auto found = net_.nodes_.find(node_);
  if (found != net_.nodes_.end() && found->second == this) net_.nodes_.erase(found);
}

void SimBus::attach(std::uint32_t loop, io::Loop& where, Receiver receiver) {
  IRIS_CHECK(!ends_.contains(loop));
  ends_[loop] = std::make_shared<End>(End{&where, std::move(receiver)});
}

void SimBus::send(const Address& to, record::BusMessage message) {
  net_.send(node_, to, record::encode(std::move(message)));
}

void SimBusNet::send(const std::string& from, const Address& to, std::string bytes) {
  const io::SimLoop* const sender = world_.current();
  if (sender != nullptr && !sender->alive()) return;  // the rest of a call that has killed its own node
  ++sent_;
  auto& random = world_.random();
  if (cuts_.contains(std::minmax(from, to.node)) || random.chance(options_.drop)) {
    ++dropped_;
    return;
  }
  const auto span = [&random](base::Duration max) {
    return base::Duration(random.below(static_cast<std::uint64_t>(max.count()) + 1));
  };
  base::Duration delay = options_.delay_min + span(options_.delay_max - options_.delay_min);
  if (random.chance(options_.late)) delay += span(options_.late_max);
  base::SteadyTime& last = last_[{sender, to}];
  last = std::max(last, world_.now() + delay);
  const bool twice = random.chance(options_.twice);
  self_.after(last - world_.now(), [this, to, bytes, twice] {
    deliver(to, bytes);
    if (twice) deliver(to, bytes);
  });
  if (random.chance(options_.twice_late)) {
    const auto again = last - world_.now() + span(options_.late_max);
    self_.after(again, [this, to, bytes = std::move(bytes)] { deliver(to, bytes); });
  }
}

void SimBusNet::deliver(const Address& to, const std::string& bytes) {
  const auto node = nodes_.find(to.node);
  if (node == nodes_.end()) return;
  const auto end = node->second->ends_.find(to.loop);
  if (end == node->second->ends_.end()) return;
  // Posted, so that the receiver runs on its own loop; held weakly, so that a node that ended meanwhile hears nothing.
  end->second->where->post([bytes, at = std::weak_ptr(end->second)] {
    if (const auto alive = at.lock()) alive->receiver(record::decode_bus(bytes).value());
  });
}

}  // namespace iris::bus
