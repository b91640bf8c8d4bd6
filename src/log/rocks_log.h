// The Log on the embedded engine. Thin: see rocks/engine.h.
#pragma once
#include "log/log.h"
#include "rocks/engine.h"

namespace iris::log {

// Owned by app/; the engine outlives it. The engine ends before the loops do.
class RocksLog final : public Log {
 public:
  explicit RocksLog(rocks::Engine& engine) : engine_(engine) {}

  std::uint32_t partitions() const override { return engine_.options().partitions; }
  void append(PartitionId partition, std::string record, io::Loop& loop, Callback<void(Result<Offset>)> done) override;
  void fetch(PartitionId partition, Offset from, std::size_t bytes_max, io::Loop& loop,
             Callback<void(Result<std::vector<LogRecord>>)> done) override;
  void bounds(PartitionId partition, io::Loop& loop, Callback<void(Result<Bounds>)> done) override;
  void trim(PartitionId partition, Offset before, io::Loop& loop, Callback<void(Status)> done) override;

 private:
  rocks::Engine& engine_;
};

}  // namespace iris::log
