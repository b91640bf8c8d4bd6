// The simulated log: one for the whole simulated cluster, on a loop of its own; it outlives the nodes, and what is in
// it is durable. A node dies by SimLoop::kill(): its completions are dropped, and of its appends under way a prefix may
// still land. Deterministic from the world's seed.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "io/sim_loop.h"
#include "log/log.h"
#include "log/sim_faults.h"
#include "rocks/append_fence.h"

namespace iris::log {

struct SimLogOptions {
  std::uint32_t partitions = 64;
  base::Duration durable_min{100};  // from append() until it is in the log
  base::Duration durable_max{2000};
  base::Duration answer_max{500};  // from there to the completion; likewise of fetch, bounds, trim
  double crash_keeps = 0.5;        // an append under way when its node dies lands all the same

  // Chance per call. A failed append fails those behind it, as the contract says.
  double append_unknown_kept = 0;  // unknown_outcome, and it is in the log
  double append_unknown_lost = 0;  // unknown_outcome, and it is not
  double append_overloaded = 0;
  double append_no_space = 0;
  double fetch_unavailable = 0;
  double fetch_short = 0.2;  // a batch ends early
};

class SimLog final : public Log {
 public:
  // `faults` may be null.
  SimLog(io::SimWorld& world, SimLogOptions options, SimFaults* faults = nullptr);

  std::uint32_t partitions() const override { return options_.partitions; }
  void append(PartitionId partition, std::string record, io::Loop& loop, Callback<void(Result<Offset>)> done) override;
  void fetch(PartitionId partition, Offset from, std::size_t bytes_max, io::Loop& loop,
             Callback<void(Result<std::vector<LogRecord>>)> done) override;
  void bounds(PartitionId partition, io::Loop& loop, Callback<void(Result<Bounds>)> done) override;
  void trim(PartitionId partition, Offset before, io::Loop& loop, Callback<void(Status)> done) override;

  // Faults may be turned up and down while the world runs.
  SimLogOptions& options() { return options_; }
  // What is durable, for the checks of a run.
  const std::deque<LogRecord>& records(PartitionId partition) const { return partitions_[partition.value].records; }

 private:
  struct Append {
    rocks::AppendFence::Ticket ticket;
    std::string record;
    io::SimLoop* loop;
    Callback<void(Result<Offset>)> done;
  };
  struct Fetch {
    Offset from;
    std::size_t bytes_max;
    io::SimLoop* loop;
    Callback<void(Result<std::vector<LogRecord>>)> done;
  };
  struct Partition {
    std::int64_t begin = 0;
    std::deque<LogRecord> records;
    std::vector<Fetch> waiting;  // one per node at most
    std::int64_t end() const { return begin + static_cast<std::int64_t>(records.size()); }
  };
  using Lane = std::pair<const io::SimLoop*, std::uint32_t>;  // appends from one loop to one partition keep their order

  void land(Append append);
  std::optional<base::Errc> fault(const Append& append, bool& kept);  // kept: it is in the log all the same
  Offset put(PartitionId partition, std::string record);
  void answer(Append append, Result<Offset> result);
  void serve(PartitionId partition, Fetch fetch);
  base::Duration up_to(base::Duration max);
  base::SteadyTime no_sooner(std::map<Lane, base::SteadyTime>& last, const Append& append, base::SteadyTime at);

  io::SimWorld& world_;
  SimLogOptions options_;
  SimFaults* const faults_;
  io::SimLoop& self_;
  std::vector<Partition> partitions_;
  rocks::AppendFence fence_;
  std::map<Lane, base::SteadyTime> last_landing_;  // never iterated: keys are pointers
  std::map<Lane, base::SteadyTime> last_answer_;
  std::set<const io::SimLoop*> cut_off_;  // dead loops that have lost an append: the ones behind it are lost too
};

}  // namespace iris::log
