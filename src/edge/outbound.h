// What was written to a client and is not acknowledged (XEP-0198): kept to be sent again, and to know which place on
// which chain an ack proves (rule C4). Bounded by its owner, who stops accepting deliveries. Pure.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/queue.h"
#include "edge/chains.h"

namespace iris::edge {

class Outbound {
 public:
  // `mark`: the delivery of which this is the last stanza.
  void push(std::string xml, std::optional<Mark> mark);
  // A delivery without a stanza: proven as soon as all before it is. True if that is now.
  bool push_mark(Mark mark);

  // The client has handled `h` stanzas (mod 2^32) since <enable/>. Calls `proven` for each mark that this proves.
  // False: more than was sent (XEP-0198 §4, handled-count-too-high). A count that goes back is ignored.
  template <typename Proven>
  bool ack(std::uint32_t h, Proven&& proven) {
    const std::uint32_t newly = h - static_cast<std::uint32_t>(acked_);
    if (!accepts(h)) return false;
    if (newly > entries_.size()) return true;
    for (std::uint32_t i = 0; i < newly; ++i) {
      for (const Mark& mark : entries_.front().marks) proven(mark);
      bytes_ -= entries_.front().xml.size();
      entries_.pop_front();
      ++acked_;
    }
    return true;
  }

  bool accepts(std::uint32_t h) const {
    const std::uint32_t newly = h - static_cast<std::uint32_t>(acked_);
    return newly <= entries_.size() || newly > 0x7fffffffu;
  }
  std::uint64_t sent() const { return acked_ + entries_.size(); }

  template <typename Visit>
  void each(Visit&& visit) const {
    for (const auto& entry : entries_) visit(entry.xml);
  }
  std::size_t unacked() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string xml;
    std::vector<Mark> marks;  // none or one; more after deliveries without a stanza
  };
  base::Queue<Entry> entries_;
  std::uint64_t acked_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace iris::edge
