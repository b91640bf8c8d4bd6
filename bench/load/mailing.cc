#include "load/mailing.h"

#include "base/check.h"

namespace iris::load {

Mailing::Mailing(const Target& target, std::vector<Client*> senders, const Options& options)
    : options_(options), tag_(run_tag(static_cast<std::uint64_t>(now() / kMillisecond))) {
  IRIS_CHECK(options.recipients >= senders.size());
  for (Client* client : senders) {
    IRIS_CHECK(client->number() == senders_.size());
    client->set_user(*this);
    senders_.push_back({.client = client, .recipients = {}});
  }
  for (std::uint32_t i = 0; i < options.recipients; ++i) {
    templates_.emplace_back(target.bare_jid(options.first_recipient + i), options.body_bytes, tag_);
    Sender& sender = senders_[i % senders_.size()];
    sender.recipients.push_back(i);
    sender.total += options.messages_each;
    total_ += options.messages_each;
  }
}

void Mailing::start() {
  for (Sender& sender : senders_) refill(sender);
}

void Mailing::refill(Sender& sender) {
  if (sender.sent == sender.total || sender.sent - sender.acked > options_.window / 2 || !sender.client->ready())
    return;
  const Nanos time = now();
  while (sender.sent < sender.total && sender.sent - sender.acked < options_.window) {
    // Round and round: each recipient gets its first before anyone gets a second.
    const auto number = static_cast<std::uint32_t>(sender.sent / sender.recipients.size());
    MessageTemplate& message = templates_[sender.recipients[sender.sent % sender.recipients.size()]];
    sender.client->send(message.with({number, time}));
    sender.unacked.push_back(sender.client->sent());
    ++sender.sent;
    ++sent_;
  }
  sender.client->ask_for_ack();
}

void Mailing::on_acked(Client& client, std::uint32_t handled) {
  Sender& sender = senders_[client.number()];
  for (; !sender.unacked.empty() && sender.unacked.front() <= handled; sender.unacked.pop_front()) {
    ++sender.acked;
    ++acked_;
  }
  refill(sender);
}

void Mailing::on_stanza(Client&, std::string_view name, std::string_view stanza) {
  if (name == "message" && attribute(stanza, "type") == "error" && trouble_.empty())
    trouble_ = "a message was refused: " + std::string(stanza.substr(0, 400));
}

void Mailing::on_down(Client&, std::string_view why) {
  if (trouble_.empty()) trouble_ = "a sender's session ended: " + std::string(why);
}

}  // namespace iris::load
