// A few people who write to many, so many messages to each, as fast as they are acknowledged: fills archives, and the
// offline stores of those who are away.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "load/client.h"
#include "load/message.h"

namespace iris::load {

class Mailing final : private Client::User {
 public:
  struct Options {
    std::uint32_t first_recipient = 0, recipients = 0;  // accounts; at least as many as senders
    std::uint32_t messages_each = 0;
    std::uint32_t window = 200;  // of a sender: not yet acknowledged
    std::uint32_t body_bytes = 80;
  };
  Mailing(const Target& target, std::vector<Client*> senders, const Options& options);
  void start();
  std::uint64_t total() const { return total_; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t acked() const { return acked_; }
  bool all_accepted() const { return acked_ == total_; }
  bool broken() const { return !trouble_.empty(); }
  const std::string& trouble() const { return trouble_; }
  const std::string& tag() const { return tag_; }

 private:
  struct Sender {
    Client* client;
    std::vector<std::uint32_t> recipients;  // indices of templates
    std::uint64_t total = 0, sent = 0, acked = 0;
    std::deque<std::uint32_t> unacked = {};  // the place of each among all that was sent
  };
  void on_ready(Client&) override {}
  void on_stanza(Client& client, std::string_view name, std::string_view stanza) override;
  void on_acked(Client& client, std::uint32_t handled) override;
  void on_down(Client& client, std::string_view why) override;
  void refill(Sender& sender);

  Options options_;
  std::string tag_;
  std::vector<Sender> senders_;  // at its client's number
  std::vector<MessageTemplate> templates_;
  std::uint64_t total_ = 0, sent_ = 0, acked_ = 0;
  std::string trouble_;
};

}  // namespace iris::load
