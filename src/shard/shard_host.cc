#include "shard/shard_host.h"

#include "record/partition.h"
#include "shard/metrics.h"

namespace iris::shard {

ShardHost::ShardHost(Options options, ShardWorld world, std::uint32_t loops, MakeCommitter make_committer,
                     std::function<void(base::PartitionId, const bus::Owner&)> announce)
    : options_(std::move(options)), announce_(std::move(announce)) {
  for (std::uint32_t p = world.loop_number; p < options_.partitions; p += loops)
    shards_.emplace(base::PartitionId{p},
                    std::make_unique<Shard>(options_, base::PartitionId{p}, world, make_committer(world.loop)));
}

void ShardHost::start(base::Callback<void(base::Status)> done) {
  struct Pending {
    std::size_t left;
    std::optional<base::Error> error;
    base::Callback<void(base::Status)> done;
  };
  if (shards_.empty()) return done(base::ok());
  auto pending = std::make_shared<Pending>(Pending{shards_.size(), std::nullopt, std::move(done)});
  for (auto& [partition, shard] : shards_) {
    shard->start([this, partition, pending](base::Result<bus::Owner> owner) {
      if (owner)
        announce_(partition, *owner);
      else if (!pending->error)
        pending->error = owner.error();
      if (--pending->left > 0) return;
      if (pending->error)
        pending->done(*pending->error);
      else
        pending->done(base::ok());
    });
  }
}

void ShardHost::on_bus(record::BusMessage&& message) {
  auto it = shards_.find(record::partition_of(message.entity(), options_.partitions));
  if (it == shards_.end()) {
    kSoftDropped.add(1);
    return;
  }
  it->second->on_bus(std::move(message));
}

void ShardHost::stop(base::Callback<void()> done) {
  if (shards_.empty()) return done();
  auto left = std::make_shared<std::size_t>(shards_.size());
  auto finish = std::make_shared<base::Callback<void()>>(std::move(done));
  for (auto& [partition, shard] : shards_)
    shard->stop([left, finish] {
      if (--*left == 0) (*finish)();
    });
}

std::map<base::PartitionId, ShardStats> ShardHost::stats() const {
  std::map<base::PartitionId, ShardStats> out;
  for (const auto& [partition, shard] : shards_) out.emplace(partition, shard->stats());
  return out;
}

}  // namespace iris::shard
