#include "bus/local_bus.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/metrics.h"

namespace iris::bus {
namespace {

enum class Outcome { delivered, full, unknown_address };
base::Counter kMessages{"iris_bus_messages_total",
                        "Messages between shards and edges, by what became of them.",
                        {{"outcome", {"delivered", "full", "unknown_address"}}}};
base::Gauge kWaiting{"iris_bus_queue_messages", "Messages waiting for a loop's turn."};

constexpr std::size_t kTakenAtOnce = 64;  // from under the lock

bool is_presence(const record::BusMessage& message) {
  return message.has_presence() || (message.has_soft() && message.soft().kind() == record::PRESENCE);
}

}  // namespace

struct LocalBus::Queue {
  struct Waiting {
    record::BusMessage message;
    std::size_t bytes;  // as it would be encoded
  };

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
    messages.push_back({std::move(message), size});
    kWaiting.add(1);
    return !std::exchange(woken, true);
  }

  // With so many more bytes, a share of the limits.
  bool is_beyond(std::size_t share, std::size_t more) const {
    return messages.size() >= options.messages_max / share || bytes + more > options.bytes_max / share;
  }

  // One turn, on the loop: all that is there when it begins. A loop that has much to receive so reads the less from its
  // clients, who would add to it. True if more has come meanwhile.
  bool turn() {
    std::size_t left = 0;
    {
      std::lock_guard lock(mutex);
      left = messages.size();
    }
    std::vector<Waiting> batch;
    for (; left > 0; left -= batch.size()) {
      batch.clear();
      take(std::min(left, kTakenAtOnce), batch);
      for (Waiting& one : batch) {
        if (closed) return false;
        receiver(std::move(one.message));
      }
    }
    std::lock_guard lock(mutex);
    return woken = !messages.empty();
  }

  void take(std::size_t count, std::vector<Waiting>& batch) {
    std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < count; ++i) {
      bytes -= messages.front().bytes;
      batch.push_back(std::move(messages.front()));
      messages.pop_front();
    }
    kWaiting.add(-static_cast<std::int64_t>(count));
    kMessages.add(static_cast<std::int64_t>(count), Outcome::delivered);
  }

  io::Loop& loop;
  Receiver receiver;
  const LocalBusOptions options;
  std::atomic<bool> closed = false;
  std::mutex mutex;
  std::deque<Waiting> messages;
  std::size_t bytes = 0;
  bool woken = false;  // a turn will come
};

namespace {

template <typename Queue>
void wake(std::shared_ptr<Queue> queue) {
  io::Loop& loop = queue->loop;
  loop.post([queue = std::move(queue)]() mutable {
    if (queue->turn()) wake(std::move(queue));
  });
}

}  // namespace

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
  if (queue->push(std::move(message))) wake(queue);
}

}  // namespace iris::bus
