#include "store/rocks_committer.h"

#include <utility>
#include <vector>

#include "store/rocks_store.h"

namespace iris::store {

void RocksCommitter::commit(Step step, base::Callback<void()> emitted, base::Callback<void()> persisted) {
  std::vector<rocks::Append> emissions;
  emissions.reserve(step.emissions.size());
  for (Emission& emission : step.emissions) emissions.push_back({emission.to, std::move(emission.record)});
  std::vector<rocks::RowWrite> rows;
  rows.reserve(step.rows.size() + step.state.size());
  for (Write& write : step.rows) rows.push_back(to_row_write(std::move(write)));
  for (Write& write : step.state) {
    rows.push_back(to_row_write(std::move(write)));
    // An entity's steps come in the order of their stamps, behind the applied stamp that was loaded with its state, and
    // this process is the only owner that there is.
    rows.back().is_newest = true;
  }
  engine_.step(std::move(emissions), std::move(rows), loop_,
               [alive = alive_, emitted = std::move(emitted), persisted = std::move(persisted)]() mutable {
                 if (*alive && emitted) emitted();
                 if (*alive && persisted) persisted();
               });
}

}  // namespace iris::store
