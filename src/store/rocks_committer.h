// The Committer of the embedded engine: a step is one atomic write with one sync, shared with whatever else the engine
// has to write at the moment (rules S4, L4). Never refused, tried again until it is done.
#pragma once
#include <memory>

#include "io/loop.h"
#include "rocks/engine.h"
#include "store/committer.h"

namespace iris::store {

// Lives on its shard's loop; owned by the shard; the engine outlives it. Destroying it forgets the callbacks of steps
// under way, not the steps.
class RocksCommitter final : public Committer {
 public:
  RocksCommitter(rocks::Engine& engine, io::Loop& loop) : engine_(engine), loop_(loop) {}
  ~RocksCommitter() override { *alive_ = false; }

  void commit(Step step, base::Callback<void()> emitted, base::Callback<void()> persisted) override;

 private:
  rocks::Engine& engine_;
  io::Loop& loop_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace iris::store
