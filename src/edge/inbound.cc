#include "edge/inbound.h"

#include <algorithm>
#include <utility>

namespace iris::edge {

void Inbound::answered() {
  ++received_;
  entries_.push_back({State::done});
  advance();
}

void Inbound::soft(Pass pass) {
  ++received_;
  entries_.push_back({State::waiting, {}, std::move(pass)});
  advance();
}

void Inbound::logged(Append append, std::size_t bytes) {
  ++received_;
  bytes_ += bytes;
  entries_.push_back({State::waiting, std::move(append), {}, bytes});
  if (abandoned_) return;
  if (refusing_)
    holding_ = true;
  else
    run(entries_.back(), received_);
}

void Inbound::run(Entry& entry, std::uint64_t number) {
  entry.state = State::running;
  ++appends_;
  auto append = std::move(entry.append);
  append(number, std::exchange(last_appended_, number));
}

Inbound::Verdict Inbound::durable(std::uint64_t number, base::Offset offset) {
  wait_for(offset);
  if (abandoned_) return Verdict::fine;
  --appends_;
  // It names a predecessor that is not in the log: the shard will drop it.
  if (refusing_) return Verdict::broken;
  last_durable_ = number;
  at(number).state = State::done;
  advance();
  return Verdict::fine;
}

Inbound::Verdict Inbound::refused(std::uint64_t number) {
  if (abandoned_) return Verdict::fine;
  --appends_;
  refusing_ = true;
  at(number).state = State::done;
  if (appends_ == 0) {
    refusing_ = false;
    last_appended_ = last_durable_;
  }
  advance();
  return Verdict::fine;
}

// What is done leaves at the front; what may run now does.
void Inbound::advance() {
  if (abandoned_) return;
  while (!entries_.empty()) {
    Entry& front = entries_.front();
    if (front.state == State::running || (front.state == State::waiting && front.append)) break;
    auto pass = std::move(front.pass);
    bytes_ -= front.bytes;
    entries_.pop_front();
    if (pass) pass(last_offset_);
  }
  if (refusing_ || !holding_) return;
  holding_ = false;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].append) run(entries_[i], handled() + i + 1);
}

void Inbound::resume(std::uint64_t last_number) {
  std::uint64_t number = handled();
  base::Queue<Entry> entries = std::exchange(entries_, {});
  received_ = std::max(number, last_number);
  last_durable_ = last_appended_ = last_number;
  appends_ = 0;
  bytes_ = 0;
  refusing_ = abandoned_ = false;
  // Soft stanzas that waited for an append which did happen are handled now; the client sends the others again.
  for (auto& entry : entries)
    if (++number < last_number && entry.pass) entry.pass(last_offset_);
}

}  // namespace iris::edge
