#include "app/place.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "module/registry.h"

namespace iris::app {
namespace {

constexpr base::Duration kCountEvery = std::chrono::seconds{1};

enum class State { owned, stopped, starting };
base::Gauge kPartitions{
    "iris_partitions", "Partitions of this process.", {{"state", {"owned", "stopped", "starting"}}}};
base::Gauge kEntities{"iris_shard_entities", "Accounts loaded by the shards."};
base::Gauge kOpenRecords{"iris_shard_open_records", "Records applied and not yet persisted."};
base::Gauge kWaiting{"iris_shard_queue_messages",
                     "Records waiting for their account to be loaded; soft stanzas waiting for that or for a record.",
                     {{"queue", {"records", "soft"}}}};

}  // namespace

Place::Place(io::Loop& loop, std::uint32_t number, std::uint32_t loops, Storage& storage, bus::Bus& bus,
             io::Worker& worker, std::shared_ptr<net::TlsContext> tls, const shard::Options& shard, edge::Options edge,
             Announce announce)
    : loop_(loop),
      owners_(shard.partitions),
      modules_(module::make_modules()),
      shards_(
          shard, {loop, number, storage.log(), storage.store(), bus, owners_, modules_}, loops,
          [&storage](io::Loop& where) { return storage.make_committer(where); }, std::move(announce)),
      edge_options_(std::move(edge)),
      edge_({.loop = loop,
             .number = number,
             .log = storage.log(),
             .bus = bus,
             .owners = owners_,
             .store = storage.store(),
             .worker = &worker,
             .tls = std::move(tls)},
            edge_options_) {
  bus.attach(number, loop, [this](record::BusMessage&& message) { on_bus(std::move(message)); });
}

void Place::start(base::Callback<void(base::Status)> done) {
  shards_.start([this, done = std::move(done)](base::Status served) mutable {
    count();
    done(std::move(served));
  });
  count_later();
}

void Place::stop(base::Callback<void()> done) {
  edge_.shutdown([this, done = std::move(done)]() mutable { shards_.stop(std::move(done)); });
}

void Place::reconfigure(const shard::Options& shard, const edge::Options& edge) {
  shards_.reconfigure(shard);
  edge_options_ = edge;
}

void Place::on_bus(record::BusMessage&& message) {
  if (message.entity().empty())
    edge_.on_bus(std::move(message));
  else
    shards_.on_bus(std::move(message));
}

void Place::count() {
  std::size_t owned = 0, stopped = 0, entities = 0, open_records = 0, records = 0, soft = 0, behind = 0, lag_max = 0;
  const auto stats = shards_.stats();
  for (const auto& [partition, shard] : stats) {
    owned += shard.owning && !shard.stopped ? 1 : 0;
    stopped += shard.stopped ? 1 : 0;
    entities += shard.entities;
    open_records += shard.open_records;
    records += shard.waiting_records;
    soft += shard.waiting_soft;
    const std::size_t lag = shard.open_records + shard.waiting_records;
    behind += lag > 0 ? 1 : 0;
    lag_max = std::max(lag_max, lag);
  }
  const auto edge = edge_.stats();
  counts_.partitions = stats.size();
  counts_.owned = owned;
  counts_.stopped = stopped;
  counts_.entities = entities;
  counts_.open_records = open_records;
  counts_.behind = behind;
  counts_.lag_max = lag_max;
  counts_.sessions = edge.sessions;
  counts_.streams = edge.streams;
  kPartitions.set(static_cast<std::int64_t>(owned), State::owned);
  kPartitions.set(static_cast<std::int64_t>(stopped), State::stopped);
  kPartitions.set(static_cast<std::int64_t>(stats.size() - owned - stopped), State::starting);
  kEntities.set(static_cast<std::int64_t>(entities));
  kOpenRecords.set(static_cast<std::int64_t>(open_records));
  kWaiting.set(static_cast<std::int64_t>(records), 0);
  kWaiting.set(static_cast<std::int64_t>(soft), 1);
}

void Place::count_later() {
  count();
  loop_.after(kCountEvery, [this] { count_later(); });
}

}  // namespace iris::app
