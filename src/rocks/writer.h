// The engine's writer: a thread that turns what is queued into groups, each one atomic write and one sync.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/metrics.h"
#include "io/thread.h"
#include "rocks/database.h"
#include "rocks/operation.h"
#include "rocks/options.h"
#include "rocks/partition_log.h"

namespace iris::rocks {

// Owned by Engine. submit() from any thread; all else on the writer's own.
class Writer {
 public:
  // `serve` looks again at a fetch that waited.
  Writer(const EngineOptions& options, Database& database, std::vector<PartitionLog>& logs,
         std::function<void(base::PartitionId, Fetch)> serve);
  ~Writer();  // one last group is written; what does not fit into it is dropped unanswered

  void submit(Operation operation);

 private:
  using Group = std::vector<Operation>;

  void run();
  Group next_group();
  void write(Group group);
  void stage_append(Operation& operation);
  void refuse(Operation& operation, base::Error error);
  void succeed(Group group, Answers& answers);
  void fail(Group group, const base::Error& error, bool reached_disk, Answers& answers);
  bool try_to_recover();
  bool space_is_low();
  base::Offset& end_of(base::PartitionId partition);

  const EngineOptions& options_;
  Database& database_;
  std::vector<PartitionLog>& logs_;
  const std::function<void(base::PartitionId, Fetch)> serve_;
  const std::shared_ptr<SharedFence> fence_ = std::make_shared<SharedFence>();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Operation> queue_;
  std::size_t queue_bytes_ = 0;
  bool stopping_ = false;

  // --- the writer's own ---
  Group held_;                         // steps that could not be written, in order: first in the next group
  std::optional<base::Error> broken_;  // since an error of the disk, until recovered
  base::SteadyTime next_recovery_{};
  base::SteadyTime space_checked_{};
  bool space_low_ = false;
  base::WallTime time_{};                          // of the group
  std::vector<std::optional<base::Offset>> ends_;  // of the group, by partition
  std::vector<base::PartitionId> touched_;

  base::SampledGauge depth_;
  io::Thread thread_;  // last: runs with all of the above
};

}  // namespace iris::rocks
