#include "store/ordered_committer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace iris::store {

using log::CrashPoint;

OrderedCommitter::OrderedCommitter(log::Log& log, Store& store, io::Loop& loop, OrderedCommitterOptions options)
    : log_(log), store_(store), loop_(loop), options_(std::move(options)) {}

OrderedCommitter::~OrderedCommitter() { *token_ = false; }

template <typename Call>
auto OrderedCommitter::alive(Call call) {
  return [token = token_, call = std::move(call)](auto&&... results) mutable {
    if (*token) call(std::forward<decltype(results)>(results)...);
  };
}

void OrderedCommitter::pass(CrashPoint point) {
  if (options_.hook) options_.hook(point, loop_);
}

void OrderedCommitter::commit(Step step, base::Callback<void()> emitted, base::Callback<void()> persisted) {
  const std::uint64_t number = first_step_ + pending_.size();
  pending_.push_back(
      {std::move(step.rows), std::move(step.state), std::move(emitted), std::move(persisted), step.emissions.size()});
  pass(CrashPoint::emit_before);
#ifdef IRIS_BUG_STATE_BEFORE_ROWS  // planted against rule S4: the applied stamp ahead of rows and emissions
  store_.write(pending_.back().state, loop_, [](Status) {});
#endif
  for (Emission& emission : step.emissions) {
    targets_[emission.to].queue.push_back({number, std::move(emission.record)});
    send(emission.to);
  }
  if (step.emissions.empty() && !scheduled_) {
    scheduled_ = true;
    loop_.post(alive([this] {
      scheduled_ = false;
      emitted_up_to_front();
    }));
  }
}

// Asks for everything queued, unless an earlier append failed: then order demands that it waits.
void OrderedCommitter::send(base::PartitionId to) {
  Target& target = targets_[to];
  if (target.failed || target.backing_off) return;
  for (; target.next < target.first + target.queue.size(); ++target.next) {
    if (target.queue[target.next - target.first].state == Sending::State::queued) ask(to, target.next);
  }
}

void OrderedCommitter::ask(base::PartitionId to, std::uint64_t number) {
  Target& target = targets_[to];
  Sending& sending = target.queue[number - target.first];
  sending.state = Sending::State::asked;
  ++target.asked;
  log_.append(to, sending.record, loop_,
              alive([this, to, number](Result<base::Offset> result) { answered(to, number, result.ok()); }));
}

void OrderedCommitter::answered(base::PartitionId to, std::uint64_t number, bool durable) {
  Target& target = targets_[to];
  --target.asked;
  Sending& sending = target.queue[number - target.first];
  if (durable) {
    sending.state = Sending::State::done;
    target.retry_after = base::Duration{0};
    Pending& step = pending_[sending.step - first_step_];
    --step.emissions_left;
    while (!target.queue.empty() && target.queue.front().state == Sending::State::done) {
      target.queue.pop_front();
      ++target.first;
    }
    if (step.emissions_left > 0) pass(CrashPoint::emit_partial);
  } else {
    sending.state = Sending::State::queued;
    target.failed = true;
  }
  if (target.failed && target.asked == 0) back_off(to);
  if (durable) emitted_up_to_front();
}

void OrderedCommitter::back_off(base::PartitionId to) {
  Target& target = targets_[to];
  target.failed = false;
  target.backing_off = true;
  target.retry_after = std::clamp(target.retry_after * 2, options_.retry_after, options_.retry_max);
  loop_.after(target.retry_after, alive([this, to] {
                targets_[to].backing_off = false;
                targets_[to].next = targets_[to].first;
                send(to);
              }));
}

void OrderedCommitter::emitted_up_to_front() {
  const std::shared_ptr<bool> token = token_;
  while (emitted_ - first_step_ < pending_.size() && pending_[emitted_ - first_step_].emissions_left == 0) {
    base::Callback<void()> emitted = std::move(pending_[emitted_ - first_step_].emitted);
    ++emitted_;
    if (emitted) emitted();
    if (!*token) return;
  }
  persist();
}

void OrderedCommitter::persist() {
  const std::size_t ready = std::min<std::size_t>(emitted_ - first_step_, options_.write_steps_max);
  if (writing_steps_ > 0 || ready == 0) return;
  writing_steps_ = ready;
  rows_.clear();
  state_.clear();
  for (std::size_t i = 0; i < ready; ++i) {
    std::move(pending_[i].rows.begin(), pending_[i].rows.end(), std::back_inserter(rows_));
    std::move(pending_[i].state.begin(), pending_[i].state.end(), std::back_inserter(state_));
  }
  pass(CrashPoint::emit_done_before_rows);
  write_rows();
}

void OrderedCommitter::write_rows() { write(rows_, &OrderedCommitter::write_state); }

void OrderedCommitter::write_state() {
  pass(CrashPoint::rows_before_state);
  write(state_, &OrderedCommitter::finish);
}

// Until it succeeds. An empty write is done at once, but never inside the call that asked for it.
void OrderedCommitter::write(const std::vector<Write>& writes, void (OrderedCommitter::*then)()) {
  if (writes.empty()) {
    loop_.post(alive([this, then] { (this->*then)(); }));
    return;
  }
  store_.write(writes, loop_, alive([this, &writes, then](Status status) {
                 if (status.ok()) {
                   write_retry_after_ = base::Duration{0};
                   return (this->*then)();
                 }
                 write_retry_after_ = std::clamp(write_retry_after_ * 2, options_.retry_after, options_.retry_max);
                 loop_.after(write_retry_after_, alive([this, &writes, then] { write(writes, then); }));
               }));
}

void OrderedCommitter::finish() {
  pass(CrashPoint::state_before_persisted);
  const std::shared_ptr<bool> token = token_;
  std::size_t steps = std::exchange(writing_steps_, 0);
  for (; steps > 0; --steps) {
    base::Callback<void()> persisted = std::move(pending_.front().persisted);
    pending_.pop_front();
    ++first_step_;
    if (persisted) persisted();
    if (!*token) return;
  }
  persist();
}

}  // namespace iris::store
