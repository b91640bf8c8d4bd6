// What lives on one event loop: its shards, its edge, and what they share. Built before the loops run; from then on
// touched on its loop only, except where said.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "app/storage.h"
#include "bus/owners.h"
#include "edge/edge.h"
#include "io/loop.h"
#include "io/worker.h"
#include "shard/shard_host.h"

namespace iris::app {

// As of about a second ago; read from any thread.
struct PlaceCounts {
  std::atomic<std::size_t> partitions{0};
  std::atomic<std::size_t> owned{0};
  std::atomic<std::size_t> stopped{0};  // failed or deposed: need an operator
  std::atomic<std::size_t> entities{0};
  std::atomic<std::size_t> open_records{0};
  std::atomic<std::size_t> behind{0};   // partitions with records that wait or are not persisted
  std::atomic<std::size_t> lag_max{0};  // such records of the partition that has most
  std::atomic<std::size_t> sessions{0};
  std::atomic<std::size_t> streams{0};
};

class Place {
 public:
  using Announce = std::function<void(base::PartitionId, const bus::Owner&)>;

  // `announce`: called on this loop; tells all places.
  Place(io::Loop& loop, std::uint32_t number, std::uint32_t loops, Storage& storage, bus::Bus& bus, io::Worker& worker,
        std::shared_ptr<net::TlsContext> tls, const shard::Options& shard, edge::Options edge, Announce announce);

  io::Loop& loop() { return loop_; }
  edge::Edge& edge() { return edge_; }
  bus::Owners& owners() { return owners_; }
  const PlaceCounts& counts() const { return counts_; }

  // Takes over this loop's partitions; `done` gets the first error, or that all are served.
  void start(base::Callback<void(base::Status)> done);
  // Ends the sessions, then persists and checkpoints the shards.
  void stop(base::Callback<void()> done);
  // What can change while it runs (config_live.h); the rest must be as it was.
  void reconfigure(const shard::Options& shard, const edge::Options& edge);
  void count();

 private:
  void on_bus(record::BusMessage&& message);
  void count_later();

  io::Loop& loop_;
  bus::Owners owners_;
  shard::Modules modules_;
  shard::ShardHost shards_;
  edge::Options edge_options_;
  edge::Edge edge_;
  PlaceCounts counts_;
};

}  // namespace iris::app
