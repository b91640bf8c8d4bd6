// The simulated store: one for the whole simulated cluster, on a loop of its own; it outlives the nodes, and what is in
// it is durable. As with CQL, the partition keys of one write land apart from each other, and of two writes under way
// either may land first. Deterministic from the world's seed.
#pragma once
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/sim_loop.h"
#include "log/sim_faults.h"
#include "store/store.h"

namespace iris::store {

struct SimStoreOptions {
  base::Duration write_min{100};  // from write() until a partition key's share of it is durable
  base::Duration write_max{3000};
  base::Duration read_max{1000};
  double crash_keeps = 0.5;  // a share under way when its node dies lands all the same

  // Chance per call.
  double write_unavailable = 0;    // nothing is written
  double write_unknown_kept = 0;   // unknown_outcome, and all of it is written
  double write_unknown_parts = 0;  // unknown_outcome, and each partition key's share is written or not
  double write_late = 0;           // unknown_outcome, and it is written up to late_max afterwards
  base::Duration late_max{2'000'000};
  double read_unavailable = 0;
  bool down = false;  // everything is unavailable
};

class SimStore final : public Store {
 public:
  // A row that was deleted stays, without value, so that late writes with lower stamps find it.
  struct Cell {
    std::optional<std::string> value;
    Stamp stamp;
  };
  using Rows = std::map<std::string, Cell>;  // by clustering key
  // A range that was deleted: likewise for rows that were not there.
  struct Gone {
    std::string from;
    std::string until;
    Stamp stamp;
  };

  // `faults` may be null.
  SimStore(io::SimWorld& world, SimStoreOptions options, log::SimFaults* faults = nullptr);

  void read(Table table, std::string partition_key, std::string clustering, io::Loop& loop,
            Callback<void(Result<std::optional<Row>>)> done) override;
  void scan(Table table, std::string partition_key, Range range, io::Loop& loop,
            Callback<void(Result<Page>)> done) override;
  void write(std::vector<Write> writes, io::Loop& loop, Callback<void(Status)> done) override;
  void keys(Table table, std::string after, std::size_t keys_max, io::Loop& loop,
            Callback<void(Result<std::vector<std::string>>)> done) override;

  // Faults may be turned up and down while the world runs.
  SimStoreOptions& options() { return options_; }
  // What is durable, for the checks of a run.
  const std::map<std::string, Rows>& table(Table table) const { return tables_[static_cast<std::size_t>(table)]; }

 private:
  enum class Fate { done, unavailable, unknown_kept, unknown_parts, late };
  struct Asked;  // one write(), in shares
  Fate fate();
  void land(const std::shared_ptr<Asked>& asked, std::size_t share);
  void apply(const Write& write);
  void apply_range(Rows& rows, const Write& write);
  template <typename T>
  void answer_read(io::Loop& loop, Callback<void(Result<T>)> done, Callback<T()> look);
  base::Duration up_to(base::Duration max);
  void at(log::CrashPoint point, io::Loop& loop);

  io::SimWorld& world_;
  SimStoreOptions options_;
  log::SimFaults* const faults_;
  io::SimLoop& self_;
  std::array<std::map<std::string, Rows>, kTables> tables_;
  std::map<std::string, std::vector<Gone>> gone_;  // of the archive, by partition key
};

}  // namespace iris::store
