#include "app/storage.h"

#include "log/rocks_log.h"
#include "rocks/engine.h"
#include "store/rocks_committer.h"
#include "store/rocks_store.h"

namespace iris::app {
namespace {

class RocksStorage final : public Storage {
 public:
  explicit RocksStorage(std::unique_ptr<rocks::Engine> engine) : engine_(std::move(engine)) {}
  log::Log& log() override { return log_; }
  store::Store& store() override { return store_; }
  std::unique_ptr<store::Committer> make_committer(io::Loop& loop) override {
    return std::make_unique<store::RocksCommitter>(*engine_, loop);
  }

 private:
  std::unique_ptr<rocks::Engine> engine_;
  log::RocksLog log_{*engine_};
  store::RocksStore store_{*engine_};
};

}  // namespace

base::Result<std::unique_ptr<Storage>> open_rocks_storage(const rocks::EngineOptions& options) {
  auto engine = rocks::Engine::open(options);
  if (!engine) return engine.error();
  return std::unique_ptr<Storage>(std::make_unique<RocksStorage>(std::move(engine).value()));
}

}  // namespace iris::app
