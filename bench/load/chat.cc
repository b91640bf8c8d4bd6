#include "load/chat.h"

#include <algorithm>

namespace iris::load {

Chat::Chat(Loop& loop, const Target& target, std::vector<Client*> clients, const Options& options)
    : loop_(loop), options_(options), tag_(run_tag(static_cast<std::uint64_t>(now() / kMillisecond))) {
  const std::string_view hints = options.transient ? "<no-store xmlns='urn:xmpp:hints'/>" : "";
  for (std::size_t i = 0; i + 1 < clients.size(); i += 2) {
    const MessageTemplate message(target.bare_jid(clients[i + 1]->account()), options.body_bytes, tag_, hints);
    for (Client* client : {clients[i], clients[i + 1]}) {
      if (index_.size() <= client->number()) index_.resize(client->number() + 1);
      index_[client->number()] = static_cast<std::uint32_t>(pairs_.size());
      client->set_user(*this);
    }
    pairs_.push_back({.sender = clients[i], .recipient = clients[i + 1], .message = message, .unacked = {}});
  }
}

void Chat::start() {
  writing_ = true;
  if (options_.rate > 0) {
    schedule_.emplace(now(), options_.rate);
    write_due();
  } else {
    for (Pair& pair : pairs_) refill(pair);
  }
}

void Chat::stop() {
  writing_ = false;
  for (Pair& pair : pairs_)
    if (pair.sender->ready()) pair.sender->ask_for_ack();
}

void Chat::forget_times() {
  delivery_.reset();
  acceptance_.reset();
  lateness_.reset();
}

void Chat::write(Pair& pair, Nanos due) {
  pair.sender->send(pair.message.with({pair.sent++, due}));
  pair.unacked.push_back({pair.sender->sent(), due});
  ++counts_.sent;
}

// In halves, so that an ack is asked for and messages are written by the dozen, as far as the window allows.
void Chat::refill(Pair& pair) {
  if (!writing_ || schedule_ || pair.under_way() > options_.window / 2 || !pair.sender->ready()) return;
  const Nanos time = now();
  while (pair.under_way() < options_.window) write(pair, time);
  pair.sender->ask_for_ack();
}

void Chat::write_due() {
  if (!writing_) return;
  const Nanos time = now();
  std::vector<Pair*> wrote;
  for (Nanos due = schedule_->take(time); due >= 0; due = schedule_->take(time)) {
    Pair& pair = pairs_[(schedule_->taken() - 1) % pairs_.size()];
    if (!pair.sender->ready()) continue;
    if (recording_) lateness_.record(time - due);
    write(pair, due);
    wrote.push_back(&pair);
  }
  std::sort(wrote.begin(), wrote.end());
  wrote.erase(std::unique(wrote.begin(), wrote.end()), wrote.end());
  for (Pair* pair : wrote) pair->sender->ask_for_ack();
  // Not more often than this, so that at high rates a turn of the loop has more to do than to turn.
  loop_.at(std::max(schedule_->next(), time + 200 * kMicrosecond), [this] { write_due(); });
}

void Chat::on_stanza(Client& client, std::string_view name, std::string_view stanza) {
  if (name != "message") return;
  const auto mark = read_mark(attribute(stanza, "id"), tag_);
  if (!mark) return;
  Pair& pair = pair_of(client);
  if (&client == pair.sender) {
    if (attribute(stanza, "type") == "error") ++counts_.refused;
    return;
  }
  if (recording_) delivery_.record(now() - mark->due);
  switch (pair.inbox.take(mark->number)) {
    case Arrival::doubled: ++counts_.doubled; break;
    case Arrival::overtaken: ++counts_.overtaken; [[fallthrough]];
    case Arrival::in_order: ++counts_.delivered; break;
  }
  refill(pair);
}

void Chat::on_acked(Client& client, std::uint32_t handled) {
  Pair& pair = pair_of(client);
  if (&client != pair.sender) return;
  const Nanos time = now();
  while (!pair.unacked.empty() && pair.unacked.front().stanza <= handled) {
    if (recording_) acceptance_.record(time - pair.unacked.front().due);
    pair.unacked.pop_front();
    ++pair.acked;
    ++counts_.acked;
  }
  refill(pair);
}

void Chat::on_down(Client&, std::string_view why) {
  ++counts_.down;
  if (down_reason_.empty()) down_reason_ = why;
}

}  // namespace iris::load
