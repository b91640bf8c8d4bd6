// A shard's life: takeover (O1), checkpoint (T2), trimming (L4), stop.
#include <algorithm>

#include "base/log.h"
#include "record/codec.h"
#include "record/keys.h"
#include "shard/metrics.h"
#include "shard/shard.h"
#include "shard/step.h"

namespace iris::shard {
namespace {

constexpr std::string_view kHead = "head";
constexpr base::Duration kRetry = 200ms;

}  // namespace

void Shard::start(base::Callback<void(base::Result<bus::Owner>)> ready) {
  ready_ = std::move(ready);
  read_checkpoint();
}

void Shard::read_checkpoint() {
  world_.store.read(store::Table::checkpoint, record::key_of(partition_), std::string(kHead), world_.loop,
                    [this, alive = alive_](base::Result<std::optional<store::Row>> row) {
                      if (!*alive) return;
                      if (!row) {
                        world_.loop.after(kRetry, [this, alive] {
                          if (*alive) read_checkpoint();
                        });
                        return;
                      }
                      record::CheckpointRow checkpoint;
                      if (*row && !checkpoint.ParseFromString((*row)->value))
                        return fail({base::Errc::corrupt, "the checkpoint cannot be read"});
                      have_checkpoint(std::move(checkpoint), row->has_value());
                    });
}

void Shard::have_checkpoint(record::CheckpointRow row, bool found) {
  if (found) {
    next_.value = row.offset() + 1;
    checkpointed_.value = row.offset();
    stamper_ = Stamper(base::Stamp{row.stamp()});
    window_.start(stamper_.last(), checkpointed_);
    sources_.load(row);
  }
  world_.log.bounds(partition_, world_.loop, [this, alive = alive_](base::Result<log::Bounds> bounds) {
    if (!*alive) return;
    if (!bounds) {
      world_.loop.after(kRetry, [this, alive] {
        if (*alive) read_checkpoint();
      });
      return;
    }
    // L5: a checkpoint beyond the end, or a log that begins after it, means that records are gone.
    if (next_ > bounds->end || next_ < bounds->begin)
      return fail({base::Errc::corrupt, "the checkpoint is at offset " + std::to_string(next_.value - 1) +
                                            " but the log holds [" + std::to_string(bounds->begin.value) + ", " +
                                            std::to_string(bounds->end.value) +
                                            "): records are missing; restore log and store from the same moment"});
    fetch_from_ = next_;
    take_over();
  });
}

void Shard::take_over() {
  record::Record record;
  record.set_time(static_cast<std::uint64_t>(world_.loop.clock().wall().time_since_epoch().count()));
  auto* takeover = record.mutable_takeover();
  takeover->set_node(options_.node);
  takeover->set_incarnation(options_.incarnation);
  takeover->mutable_address()->set_node(options_.node);
  takeover->mutable_address()->set_loop(world_.loop_number);
  world_.log.append(partition_, record::encode(record), world_.loop,
                    [this, alive = alive_](base::Result<base::Offset> offset) {
                      if (!*alive) return;
                      if (!offset) {
                        if (offset.error().code == base::Errc::closed) return fail(offset.error());
                        // An append of unknown outcome may stand in the log: a takeover of ours that we do not wait for
                        // is harmless.
                        world_.loop.after(kRetry, [this, alive] {
                          if (*alive) take_over();
                        });
                        return;
                      }
                      takeover_ = *offset;
                      fetch();
                    });
}

// S6: skips between checkpoint and takeover are collected before anything is applied. Those of older epochs are void.
void Shard::replay_until_takeover(std::vector<log::LogRecord> records) {
  for (auto& record : records) replay_.push_back(std::move(record));
  if (replay_.back().offset < *takeover_) return;  // more is to come
  std::int64_t epoch = -1;
  for (const auto& held : replay_) {
    auto record = record::decode_record(held.bytes);
    if (!record) continue;  // dispatch fails on it, unless a skip names it
    if (record->has_takeover()) epoch = held.offset.value;
    if (record->has_skip() && record->skip().epoch() == epoch) skips_.push_back(record->skip().offset());
  }
  while (!replay_.empty() && !stopped_) {
    auto held = std::move(replay_.front());
    replay_.pop_front();
    if (held.offset == *takeover_) owning_ = true;
    if (!dispatch(held)) return;
  }
  flush();
  tick();
  if (ready_) std::exchange(ready_, nullptr)(bus::Owner{{options_.node, world_.loop_number}, takeover_->value});
}

void Shard::snapshot_if_due() {
  if (snapshot_ || checkpoint_writing_ || stopped_ || next_.value - 1 <= checkpointed_.value) return;
  auto now = world_.loop.clock().steady();
  auto records = static_cast<std::uint64_t>(next_.value - 1 - checkpointed_.value);
  if (records < options_.checkpoint_records && now - snapshot_at_ < options_.checkpoint_interval) return;
  take_snapshot();
}

// T2: offset, last stamp and sources as they are right after dispatching that offset.
void Shard::take_snapshot() {
  snapshot_.emplace();
  snapshot_at_ = world_.loop.clock().steady();
  snapshot_->row.set_offset(next_.value - 1);
  snapshot_->row.set_stamp(stamper_.last().value);
  snapshot_->row.set_epoch(takeover_ ? takeover_->value : -1);
  sources_.save(snapshot_->row);
}

void Shard::write_checkpoint_if_ready() {
  if (!snapshot_ || checkpoint_writing_ || stopped_) return;
#ifndef IRIS_BUG_CHECKPOINT_BEFORE_PERSIST
  if (window_.persisted_through().value < snapshot_->row.offset()) return;
#endif
#ifdef IRIS_BUG_SOURCES_AHEAD
  snapshot_->row.clear_sources();
  sources_.save(snapshot_->row);
#endif
  checkpoint_writing_ = true;
  auto row = std::move(snapshot_->row);
  snapshot_.reset();
  store::Write write{store::Table::checkpoint, record::key_of(partition_), std::string(kHead), row.SerializeAsString(),
                     base::Stamp{row.stamp()}};
  world_.store.write({std::move(write)}, world_.loop,
                     [this, alive = alive_, offset = row.offset()](base::Status status) {
                       if (!*alive) return;
                       checkpoint_writing_ = false;
                       if (status) {
                         kCheckpoints.add(1);
                         checkpointed_.value = std::max(checkpointed_.value, offset);
                         trim(base::Offset{offset + 1 - static_cast<std::int64_t>(options_.log_margin)});
                       }
                       snapshot_if_due();
                       finish_stop_if_ready();
                     });
}

// L4: only below a durable checkpoint, with a margin for those who look back.
void Shard::trim(base::Offset before) {
  if (before.value <= 0) return;
  world_.log.trim(partition_, before, world_.loop, [partition = partition_](base::Status status) {
    if (!status && status.error().code != base::Errc::closed)
      base::log(base::Level::warn, "log not trimmed",
                {{"partition", partition.value}, {"error", status.error().message}});
  });
}

void Shard::fail(base::Error error) {
  if (stopped_) return;
  stopped_ = true;
  kPartitionFailures.add(1);
  base::log(base::Level::error, "partition stopped", {{"partition", partition_.value}, {"error", error.message}});
  if (ready_) std::exchange(ready_, nullptr)(std::move(error));
  finish_stop_if_ready();
}

void Shard::stop(base::Callback<void()> done) {
  stopping_ = true;
  stopped_done_ = std::move(done);
  flush();
  world_.loop.post([this, alive = alive_] {
    if (*alive) finish_stop_if_ready();
  });
}

void Shard::finish_stop_if_ready() {
  if (!stopping_ || !stopped_done_) return;
  if (!stopped_) {
    flush();
    bool cursors = true;
    for (auto& entity : entities_) {
      if (entity->cursor_dirty_) write_cursor(*entity);
      cursors = cursors && !entity->cursor_writing_ && !entity->cursor_dirty_;
    }
    if (window_.open_records() > 0 || checkpoint_writing_ || !cursors) return;
    if (owning_ && checkpointed_.value < next_.value - 1) {
      if (!snapshot_) take_snapshot();
      write_checkpoint_if_ready();
      return;
    }
    stopped_ = true;
  }
  std::exchange(stopped_done_, nullptr)();
}

}  // namespace iris::shard
