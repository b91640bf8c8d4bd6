#include "bus/local_bus.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/metrics.h"
#include "record/codec.h"

namespace iris::bus {
namespace {

enum class Outcome { delivered, full, unknown_address };
base::Counter kMessages{"iris_bus_messages_total",
                        "Messages between shards and edges, by what became of them.",
                        {{"outcome", {"delivered", "full", "unknown_address"}}}};
base::Gauge kWaiting{"iris_bus_queue_messages", "Messages waiting for a loop's turn."};

// Asked only where there is little room.
bool is_presence(std::string_view bytes) {
  const auto message = record::decode_bus(bytes);
  return message && (message->has_presence() || (message->has_soft() && message->soft().kind() == record::PRESENCE));
}

}  // namespace

struct LocalBus::Queue {
  Queue(io::Loop& l, Receiver r, const LocalBusOptions& o) : loop(l), receiver(std::move(r)), options(o) {}

  // True if the loop is to be woken.
  bool push(std::string bytes_in) {
    std::lock_guard lock(mutex);
    if (is_beyond(1, bytes_in.size()) || (is_beyond(2, bytes_in.size()) && is_presence(bytes_in))) {
      kMessages.add(1, Outcome::full);
      return false;
    }
    bytes += bytes_in.size();
    messages.push_back(std::move(bytes_in));
    kWaiting.add(1);
    return !std::exchange(woken, true);
  }

  // With so many more bytes, a share of the limits.
  bool is_beyond(std::size_t share, std::size_t more) const {
    return messages.size() >= options.messages_max / share || bytes + more > options.bytes_max / share;
  }

  // One turn, on the loop. True if there is more.
  bool turn() {
    std::deque<std::string> batch;
    bool more = false;
    {
      std::lock_guard lock(mutex);
      while (!messages.empty() && batch.size() < options.turn_messages_max) {
        bytes -= messages.front().size();
        batch.push_back(std::move(messages.front()));
        messages.pop_front();
      }
      more = !messages.empty();
      woken = more;
    }
    kWaiting.add(-static_cast<std::int64_t>(batch.size()));
    kMessages.add(static_cast<std::int64_t>(batch.size()), Outcome::delivered);
    for (const std::string& message : batch) {
      if (closed) return false;
      receiver(message);
    }
    return more;
  }

  io::Loop& loop;
  Receiver receiver;
  const LocalBusOptions options;
  std::atomic<bool> closed = false;
  std::mutex mutex;
  std::deque<std::string> messages;
  std::size_t bytes = 0;
  bool woken = false;
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

void LocalBus::send(const Address& to, std::string bytes) {
  if (to.node != node_ || to.loop >= queues_.size() || queues_[to.loop] == nullptr) {
    kMessages.add(1, Outcome::unknown_address);
    return;
  }
  const std::shared_ptr<Queue>& queue = queues_[to.loop];
  if (queue->push(std::move(bytes))) wake(queue);
}

}  // namespace iris::bus
