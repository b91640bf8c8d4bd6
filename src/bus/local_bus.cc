#include "bus/local_bus.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "base/metrics.h"

namespace iris::bus {
namespace {

enum class Outcome { delivered, full, unknown_address };
base::Counter kMessages{"iris_bus_messages_total",
                        "Messages between shards and edges, by what became of them.",
                        {{"outcome", {"delivered", "full", "unknown_address"}}}};
base::Gauge kWaiting{"iris_bus_queue_messages", "Messages waiting for a loop's turn."};

bool is_presence(const record::BusMessage& message) {
  return message.has_presence() || (message.has_soft() && message.soft().kind() == record::PRESENCE);
}

}  // namespace

struct LocalBus::Queue {
  Queue(io::Loop& l, Receiver r, const LocalBusOptions& o) : loop(l), receiver(std::move(r)), options(o) {}

  // True if the loop is to be woken.
  bool push(record::BusMessage message) {
    const std::size_t size = message.ByteSizeLong();
    std::lock_guard lock(mutex);
    if (is_beyond(1, size) || (is_beyond(2, size) && is_presence(message))) {
      kMessages.add(1, Outcome::full);
      return false;
    }
    bytes += size;
    messages.push_back(std::move(message));
    kWaiting.add(1);
    return !std::exchange(woken, true);
  }

  // With so many more bytes, a share of the limits.
  bool is_beyond(std::size_t share, std::size_t more) const {
    return messages.size() >= options.messages_max / share || bytes + more > options.bytes_max / share;
  }

  // One turn, on the loop: all that is there when it begins. A loop that has much to receive so reads the less from its
  // clients, who would add to it.
  void turn() {
    std::deque<record::BusMessage> batch;
    {
      std::lock_guard lock(mutex);
      batch.swap(messages);
      bytes = 0;
      woken = false;
    }
    kWaiting.add(-static_cast<std::int64_t>(batch.size()));
    kMessages.add(static_cast<std::int64_t>(batch.size()), Outcome::delivered);
    for (record::BusMessage& message : batch) {
      if (closed) return;
      receiver(std::move(message));
    }
  }

  io::Loop& loop;
  Receiver receiver;
  const LocalBusOptions options;
  std::atomic<bool> closed = false;
  std::mutex mutex;
  std::deque<record::BusMessage> messages;
  std::size_t bytes = 0;
  bool woken = false;
};

LocalBus::LocalBus(std::string node, LocalBusOptions options) : node_(std::move(node)), options_(options) {}

LocalBus::~LocalBus() {
  for (auto& queue : queues_) {
    if (queue) queue->closed = true;
  }
}

void LocalBus::attach(std::uint32_t loop, io::Loop& where, Receiver receiver) {
  if (queues_.size() <= loop) queues_.resize(loop + 1);
  IRIS_CHECK(queues_[loop] == nullptr);
  queues_[loop] = std::make_shared<Queue>(where, std::move(receiver), options_);
}

void LocalBus::send(const Address& to, record::BusMessage message) {
  if (to.node != node_ || to.loop >= queues_.size() || queues_[to.loop] == nullptr) {
    kMessages.add(1, Outcome::unknown_address);
    return;
  }
  const std::shared_ptr<Queue>& queue = queues_[to.loop];
  if (queue->push(std::move(message))) queue->loop.post([queue] { queue->turn(); });
}

}  // namespace iris::bus
