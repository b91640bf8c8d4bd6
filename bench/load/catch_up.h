// People who come in one after the other, take what has waited for them, and leave.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "load/client.h"
#include "load/histogram.h"
#include "load/inbox.h"

namespace iris::load {

class CatchUp final : private Client::User {
 public:
  struct Options {
    std::uint32_t first_account = 0, people = 0, parallel = 64;
    std::uint32_t messages_each = 0;
    std::string tag;  // of the messages that count
  };
  CatchUp(Loop& loop, const Target& target, const Options& options);
  void start();
  bool done() const { return done_ + failed_ == clients_.size(); }
  std::size_t people_done() const { return done_; }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t doubled() const { return doubled_; }
  std::uint64_t overtaken() const { return overtaken_; }
  std::size_t failed() const { return failed_; }
  const std::string& failure() const { return failure_; }
  const Histogram& times() const { return times_; }  // from the connection until the last message
  void close_all();

 private:
  void on_ready(Client& client) override;
  void on_stanza(Client& client, std::string_view name, std::string_view stanza) override;
  void on_acked(Client&, std::uint32_t) override {}
  void on_down(Client& client, std::string_view why) override;
  void leave_if_done(Client& client);
  void start_more();

  Loop& loop_;
  Options options_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Inbox> inboxes_;
  std::size_t started_ = 0, done_ = 0, failed_ = 0;
  std::uint64_t messages_ = 0, doubled_ = 0, overtaken_ = 0;
  std::string failure_;
  Histogram times_;
};

}  // namespace iris::load
