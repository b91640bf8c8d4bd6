// People who only listen: what a mailing sends them is counted when it comes.
#pragma once
#include <string>
#include <vector>

#include "load/client.h"
#include "load/inbox.h"
#include "load/message.h"

namespace iris::load {

class Recipients final : private Client::User {
 public:
  Recipients(std::vector<Client*> clients, std::string tag) : tag_(std::move(tag)), inboxes_(clients.size()) {
    for (Client* client : clients) client->set_user(*this);
  }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t doubled() const { return doubled_; }

 private:
  void on_ready(Client&) override {}
  void on_acked(Client&, std::uint32_t) override {}
  void on_down(Client&, std::string_view) override {}
  void on_stanza(Client& client, std::string_view name, std::string_view stanza) override {
    if (name != "message") return;
    const auto mark = read_mark(attribute(stanza, "id"), tag_);
    if (!mark) return;
    ++(inboxes_[client.number()].take(mark->number) == Arrival::doubled ? doubled_ : messages_);
  }

  std::string tag_;
  std::vector<Inbox> inboxes_;  // at their clients' numbers
  std::uint64_t messages_ = 0, doubled_ = 0;
};

}  // namespace iris::load
