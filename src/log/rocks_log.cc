#include "log/rocks_log.h"

#include <utility>

namespace iris::log {

void RocksLog::append(PartitionId partition, std::string record, io::Loop& loop, Callback<void(Result<Offset>)> done) {
  engine_.append({partition, std::move(record)}, loop, std::move(done));
}

void RocksLog::fetch(PartitionId partition, Offset from, std::size_t bytes_max, io::Loop& loop,
                     Callback<void(Result<std::vector<LogRecord>>)> done) {
  auto converted = [done = std::move(done)](Result<std::vector<rocks::LoggedRecord>> found) mutable {
    if (!found.ok()) return done(found.error());
    std::vector<LogRecord> records;
    records.reserve(found->size());
    for (auto& record : *found) records.push_back({record.offset, record.time, std::move(record.bytes)});
    done(std::move(records));
  };
  engine_.fetch(partition, {from, bytes_max, &loop, std::move(converted)});
}

void RocksLog::bounds(PartitionId partition, io::Loop& loop, Callback<void(Result<Bounds>)> done) {
  const auto bounds = engine_.bounds(partition);
  loop.post([done = std::move(done), bounds]() mutable { done(Bounds{bounds.begin, bounds.end}); });
}

void RocksLog::trim(PartitionId partition, Offset before, io::Loop& loop, Callback<void(Status)> done) {
  engine_.trim(partition, before, loop, std::move(done));
}

}  // namespace iris::log
