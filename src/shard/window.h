// The records of a partition that were dispatched and are not yet fully done: what the floor (rule S1) and the
// checkpoint (rule T2) may say. In stamp order; done out of order, because entities load in their own time.
#pragma once
#include <cstdint>
#include <deque>

#include "base/check.h"
#include "base/ids.h"

namespace iris::shard {

class Window {
 public:
  // A ticket stands for one dispatched record.
  using Ticket = std::uint64_t;

  Ticket open(base::Stamp stamp, base::Offset offset) {
    entries_.push_back({stamp, offset, false, false});
    last_ = {stamp, offset, true, true};
    return first_ + entries_.size() - 1;
  }

  void emitted(Ticket ticket) {
    at(ticket).emitted = true;
    while (emitted_front_ < first_ + entries_.size() && at(emitted_front_).emitted) ++emitted_front_;
  }

  void persisted(Ticket ticket) {
    at(ticket).persisted = true;
    while (!entries_.empty() && entries_.front().persisted) {
      IRIS_CHECK(entries_.front().emitted);
      entries_.pop_front();
      ++first_;
    }
  }

  // All emissions of records with a stamp up to here are durable.
  base::Stamp floor() const {
    if (emitted_front_ == first_ + entries_.size()) return last_.stamp;
    return base::Stamp{entries_[emitted_front_ - first_].stamp.value - 1};
  }

  // All records up to this offset are persisted; `last` when nothing is open.
  base::Offset persisted_through() const {
    return entries_.empty() ? last_.offset : base::Offset{entries_.front().offset.value - 1};
  }

  std::size_t open_records() const { return entries_.size(); }
  void start(base::Stamp stamp, base::Offset offset) { last_ = {stamp, offset, true, true}; }

 private:
  struct Entry {
    base::Stamp stamp;
    base::Offset offset{-1};
    bool emitted = true;
    bool persisted = true;
  };
  Entry& at(Ticket ticket) {
    IRIS_CHECK(ticket >= first_ && ticket - first_ < entries_.size());
    return entries_[ticket - first_];
  }

  std::deque<Entry> entries_;
  Ticket first_ = 0;          // ticket of entries_.front()
  Ticket emitted_front_ = 0;  // first ticket not emitted; >= first_ because persisted implies emitted
  Entry last_;
};

}  // namespace iris::shard
