#include "load/catch_up.h"

#include "load/message.h"

namespace iris::load {

CatchUp::CatchUp(Loop& loop, const Target& target, const Options& options)
    : loop_(loop), options_(options), inboxes_(options.people) {
  for (std::uint32_t i = 0; i < options.people; ++i) {
    clients_.push_back(std::make_unique<Client>(loop, target, options.first_account + i, i));
    clients_.back()->set_user(*this);
  }
}

void CatchUp::start() { start_more(); }

void CatchUp::start_more() {
  while (started_ < clients_.size() && started_ - done_ - failed_ < options_.parallel) clients_[started_++]->login({});
}

// What has waited may come before one's own presence comes back.
void CatchUp::on_ready(Client& client) { leave_if_done(client); }

void CatchUp::on_stanza(Client& client, std::string_view name, std::string_view stanza) {
  if (name != "message") return;
  const auto mark = read_mark(attribute(stanza, "id"), options_.tag);
  if (!mark) return;
  switch (inboxes_[client.number()].take(mark->number)) {
    case Arrival::doubled: ++doubled_; return;
    case Arrival::overtaken: ++overtaken_; break;
    case Arrival::in_order: break;
  }
  ++messages_;
  leave_if_done(client);
}

void CatchUp::leave_if_done(Client& client) {
  if (!client.ready() || inboxes_[client.number()].count() < options_.messages_each) return;
  times_.record(now() - client.login_began());
  ++done_;
  // Later: one that comes again behind the last would be a fault, and this is called while its bytes are read.
  loop_.after(20 * kMillisecond, [&client] { client.close(); });
  start_more();
}

void CatchUp::on_down(Client& client, std::string_view why) {
  if (inboxes_[client.number()].count() >= options_.messages_each && client.was_ready()) return;
  if (failed_++ == 0) failure_ = why;
  start_more();
}

void CatchUp::close_all() {
  for (const auto& client : clients_) client->close();
}

}  // namespace iris::load
