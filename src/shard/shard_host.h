// The shards of one loop: partition p lives on loop p mod loops. Starts them, hands them their Bus messages, announces
// their takeovers. Lives on that loop.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "shard/shard.h"

namespace iris::shard {

class ShardHost {
 public:
  using MakeCommitter = std::function<std::unique_ptr<store::Committer>(io::Loop&)>;

  // `announce` is called on this loop for each partition taken over; the caller tells the Owners of every loop.
  ShardHost(Options options, ShardWorld world, std::uint32_t loops, MakeCommitter make_committer,
            std::function<void(base::PartitionId, const bus::Owner&)> announce);

  // Takes over all partitions of this loop. `done` gets the first error, or that all are served.
  void start(base::Callback<void(base::Status)> done);
  // A Bus message with `entity` set, for a partition of this loop.
  void on_bus(record::BusMessage&& message);
  // Only what live answers read may differ, nothing that apply reads (rule S3).
  void reconfigure(const Options& options) { options_ = options; }
  // All persisted and checkpointed.
  void stop(base::Callback<void()> done);
  std::map<base::PartitionId, ShardStats> stats() const;

 private:
  Options options_;
  std::function<void(base::PartitionId, const bus::Owner&)> announce_;
  std::map<base::PartitionId, std::unique_ptr<Shard>> shards_;
};

}  // namespace iris::shard
