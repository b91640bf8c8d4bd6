// The one place that knows which Log and Store run: the embedded ones.
#pragma once
#include <memory>

#include "base/result.h"
#include "io/loop.h"
#include "log/log.h"
#include "rocks/options.h"
#include "store/committer.h"
#include "store/store.h"

namespace iris::app {

// Owned by Server; destroyed after all that uses it and before the loops.
class Storage {
 public:
  virtual ~Storage() = default;
  virtual log::Log& log() = 0;
  virtual store::Store& store() = 0;
  virtual std::unique_ptr<store::Committer> make_committer(io::Loop& loop) = 0;
};

base::Result<std::unique_ptr<Storage>> open_rocks_storage(const rocks::EngineOptions& options);

}  // namespace iris::app
