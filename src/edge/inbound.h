// What a client has sent, in order: numbers for the log's chain (rule C1), and how many stanzas are handled (the `h` of
// XEP-0198 as a prefix count: it passes a logged stanza only when its append is durable, rule L1). Pure: what is to be
// done is given as calls, which run inside the methods.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/callback.h"
#include "base/ids.h"
#include "base/queue.h"

namespace iris::edge {

class Inbound {
 public:
  // Appends the stanza to the log under these numbers; its outcome is told by durable() or refused().
  using Append = base::Callback<void(std::uint64_t number, std::uint64_t previous)>;
  // Passes a soft stanza on, to be looked at when `after` is applied (rule C5). -1: at once.
  using Pass = base::Callback<void(std::int64_t after)>;

  void logged(Append append, std::size_t bytes = 0);
  void soft(Pass pass);
  void answered();  // handled on the spot

  // Outcomes of appends of the current epoch; the caller drops those of older ones.
  enum class Verdict { fine, broken };  // broken: what the log did leaves the stream's order unknown; end it
  Verdict durable(std::uint64_t number, base::Offset offset);
  // Nothing was appended. The stanza was answered with an error, and counts as handled; the chain leaves it out.
  Verdict refused(std::uint64_t number);

  // The outcome of an append is unknown: nothing from there on is handled in this epoch. Later outcomes are ignored.
  void abandon() { abandoned_ = true; }
  bool abandoned() const { return abandoned_; }
  // A new epoch: the shard says which logged stanza it took last. What it does not have the client sends again, under
  // the same numbers.
  void resume(std::uint64_t last_number);
  // Soft stanzas from now on are looked at when this much is applied.
  void wait_for(base::Offset offset) { last_offset_ = std::max(last_offset_, offset.value); }

  std::uint64_t received() const { return received_; }
  std::uint64_t handled() const { return received_ - entries_.size(); }  // a prefix
  std::size_t open() const { return entries_.size(); }                   // received, not handled
  std::size_t bytes() const { return bytes_; }                           // of logged ones among them
  std::size_t appends() const { return appends_; }                       // running
  std::int64_t last_offset() const { return last_offset_; }

 private:
  enum class State { waiting, running, done };
  struct Entry {
    State state = State::waiting;
    Append append{};  // logged and waiting
    Pass pass{};      // soft and waiting
    std::size_t bytes = 0;
  };
  Entry& at(std::uint64_t number) { return entries_[number - handled() - 1]; }
  void run(Entry& entry, std::uint64_t number);
  void advance();

  base::Queue<Entry> entries_;  // the unhandled suffix, by number
  std::uint64_t received_ = 0;
  std::uint64_t last_durable_ = 0;  // number of the last logged stanza that is in the log
  std::uint64_t last_appended_ = 0;
  std::int64_t last_offset_ = -1;
  std::size_t appends_ = 0;
  std::size_t bytes_ = 0;
  bool refusing_ =
      false;  // an append was refused: what was made behind it fails too (log/log.h); hold new ones till then
  bool holding_ = false;  // logged stanzas wait for that
  bool abandoned_ = false;
};

}  // namespace iris::edge
