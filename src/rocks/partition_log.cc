#include "rocks/partition_log.h"

#include <utility>

#include "base/check.h"

namespace iris::rocks {

void PartitionLog::open(base::Offset begin, base::Offset end) {
  std::lock_guard lock(mutex_);
  begin_ = begin;
  end_ = end;
  tail_.clear();
  tail_bytes_ = 0;
}

PartitionLog::Bounds PartitionLog::bounds() const {
  std::lock_guard lock(mutex_);
  return {begin_, end_};
}

void PartitionLog::set_begin(base::Offset begin) {
  std::lock_guard lock(mutex_);
  begin_ = begin;
}

std::optional<Fetch> PartitionLog::add(std::vector<LoggedRecord> records, std::size_t tail_bytes_max) {
  std::lock_guard lock(mutex_);
  for (LoggedRecord& record : records) {
    IRIS_CHECK(record.offset == end_);
    ++end_.value;
    tail_bytes_ += record.bytes.size();
    tail_.push_back(std::move(record));
  }
  while (tail_bytes_ > tail_bytes_max && tail_.size() > 1) take_oldest();
  return std::exchange(waiting_, std::nullopt);
}

LoggedRecord PartitionLog::take_oldest() {
  LoggedRecord out = std::move(tail_.front());
  tail_bytes_ -= out.bytes.size();
  tail_.pop_front();
  return out;
}

PartitionLog::Where PartitionLog::look(Fetch& fetch, std::vector<LoggedRecord>& out) {
  std::lock_guard lock(mutex_);
  if (fetch.from < begin_ || fetch.from > end_) return Where::outside;
  while (!tail_.empty() && tail_.front().offset < fetch.from) take_oldest();
  if (fetch.from == end_) {
    IRIS_CHECK(!waiting_);
    waiting_ = std::move(fetch);
    return Where::waiting;
  }
  if (tail_.empty() || fetch.from < tail_.front().offset) return Where::disk;
  for (std::size_t bytes = 0; !tail_.empty(); out.push_back(take_oldest())) {
    bytes += tail_.front().bytes.size();
    if (!out.empty() && bytes > fetch.bytes_max) break;
  }
  return Where::memory;
}

std::optional<Fetch> PartitionLog::take_waiting() {
  std::lock_guard lock(mutex_);
  return std::exchange(waiting_, std::nullopt);
}

}  // namespace iris::rocks
