// Carries out what a step of a shard leaves behind, in the order of rule S4: emissions durable -> rows that apply never
// reads -> state with the applied stamp. Checkpoints are the shard's own, afterwards, through Store.
//
// AtomicCommitter (embedded, in store/rocks_committer.h): one write of the engine that Log and Store share.
// OrderedCommitter: over any Log and Store, in order; the only one a cluster can have.
#pragma once
#include <string>
#include <vector>

#include "base/callback.h"
#include "base/ids.h"
#include "store/store.h"

namespace iris::store {

struct Emission {
  base::PartitionId to;
  std::string record;  // encoded record::Record with its source
};

struct Step {
  std::vector<Emission> emissions;  // in stamp order
  std::vector<Write> rows;          // archive: never read by apply
  std::vector<Write> state;         // whole entities: each entity's writes with its applied stamp, atomic per entity
};

// One per shard, on the shard's loop. Steps are carried out in the order of commit(); it retries until done and never
// reports failure: a step that cannot be carried out yet stays, the shard's lag grows and new work is refused.
class Committer {
 public:
  virtual ~Committer() = default;
  // emitted: all emissions of this and of every earlier step are durable. persisted: so are their rows and state.
  // Both run on the shard's loop, in step order, emitted before persisted, never inside the call.
  virtual void commit(Step step, base::Callback<void()> emitted, base::Callback<void()> persisted) = 0;
};

}  // namespace iris::store
