// Pairs of people of whom one writes to the other. Closed loop: each has so many messages under way, and writes the
// next when one was both acknowledged and delivered. Open loop: at a rate, by a schedule (load/schedule.h).
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "load/client.h"
#include "load/histogram.h"
#include "load/inbox.h"
#include "load/message.h"
#include "load/schedule.h"

namespace iris::load {

class Chat final : private Client::User {
 public:
  struct Options {
    double rate = 0;  // of all pairs together; 0: closed loop
    std::uint32_t window = 50;
    std::uint32_t body_bytes = 80;
    bool transient = false;
  };
  struct Counts {
    std::uint64_t sent = 0, acked = 0, delivered = 0;
    std::uint64_t doubled = 0, overtaken = 0, refused = 0;  // each of these is a server's fault
    std::uint64_t down = 0;                                 // sessions that ended
  };

  // The clients are ready; the first of each two writes to the second.
  Chat(Loop& loop, const Target& target, std::vector<Client*> clients, const Options& options);
  void start();
  void stop();  // nobody writes any more; what is under way still arrives
  // From now on, or no more, times are recorded.
  void record(bool on) { recording_ = on; }
  bool all_arrived() const { return counts_.delivered == counts_.sent && counts_.acked == counts_.sent; }
  const Counts& counts() const { return counts_; }
  const Histogram& delivery() const { return delivery_; }      // from the due moment to the recipient
  const Histogram& acceptance() const { return acceptance_; }  // from the due moment to the ack
  const Histogram& lateness() const { return lateness_; }      // of the generator: from the due moment to the socket
  void forget_times();
  const std::string& down_reason() const { return down_reason_; }

 private:
  struct Pair {
    Client* sender;
    Client* recipient;
    MessageTemplate message;
    std::uint32_t sent = 0, acked = 0;
    Inbox inbox = {};
    struct Unacked {
      std::uint32_t stanza;  // its place among all that the sender sent
      Nanos due;
    };
    std::deque<Unacked> unacked;
    std::uint32_t under_way() const { return sent - std::min(acked, inbox.count()); }
  };
  void on_ready(Client&) override {}
  void on_stanza(Client& client, std::string_view name, std::string_view stanza) override;
  void on_acked(Client& client, std::uint32_t handled) override;
  void on_down(Client& client, std::string_view why) override;
  Pair& pair_of(const Client& client) { return pairs_[index_[client.number()]]; }
  void write(Pair& pair, Nanos due);
  void refill(Pair& pair);
  void write_due();

  Loop& loop_;
  Options options_;
  std::string tag_;
  std::vector<Pair> pairs_;
  std::vector<std::uint32_t> index_;  // a client's number -> its pair
  std::optional<Schedule> schedule_;
  bool writing_ = false, recording_ = false;
  Counts counts_;
  std::string down_reason_;
  Histogram delivery_, acceptance_, lateness_;
};

}  // namespace iris::load
