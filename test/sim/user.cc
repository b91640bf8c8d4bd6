#include "user.h"

#include "xmpp/jid.h"

namespace iris::sim {
// ---------------------------------------------------------------- the far end

void SimClient::send_stanza(std::string_view xml) {
  if (!device_) return;
  ++device_->handled_;
  device_->on_stanza(xml);
}

void SimClient::send_ack(std::uint32_t h) {
  if (device_) device_->acked(h);
}

void SimClient::request_ack() {
  if (!device_ || (device_->greedy && device_->cluster_.world.random().chance(0.7))) return;
  // Not inside the session's own call: as over a network.
  auto* device = device_;
  device->session_->context().loop.post([client = device->client_, this] {
    if (device_ && client) device_->ack_now();
  });
}

void SimClient::hold_input(bool hold) {
  if (!device_) return;
  device_->held_ = hold;
  if (hold) return;
  device_->session_->context().loop.post([client = device_->client_, this] {
    while (device_ && !device_->held_ && !device_->waiting_.empty()) {
      auto next = std::move(device_->waiting_.front());
      device_->waiting_.pop_front();
      device_->write(next.element);
    }
  });
}

void SimClient::end(const xmpp::StreamError&, const xml::Element*) {
  if (!device_) return;
  auto* device = device_;
  cut();
  device->lost();
}

// ---------------------------------------------------------------- the device

std::string Device::describe() const {
  return "state " + std::to_string(int(state_)) + ", outbox " + std::to_string(outbox_.size()) + " from " +
         (outbox_.empty() ? "" : outbox_.front()->id) + ", sent " + std::to_string(sent_.size()) + " after " +
         std::to_string(sent_base_) + ", held " + std::to_string(held_) + ", waiting " +
         std::to_string(waiting_.size()) + (session_ ? ", h " + std::to_string(session_->h()) : "");
}

Device::Device(Cluster& cluster, Ledger& ledger, std::string account, std::string resource)
    : cluster_(cluster),
      ledger_(ledger),
      messages_(ledger.messages),
      findings_(ledger.findings),
      account_(std::move(account)),
      resource_(std::move(resource)) {}

void Device::login() {
  auto* node = cluster_.node();
  if (state_ != State::offline || !node || !node->is_ready()) return;
  state_ = State::starting;
  auto& edge = node->edge(static_cast<std::uint32_t>(cluster_.world.random().below(kLoops)));
  auto attempt = ++attempt_;
  edge.wiring().loop.post([this, &edge, attempt] {
    auto begin = [this, &edge, attempt] {
      if (attempt != attempt_) return;
      session_ = edge.sessions().create(*xmpp::Jid::parse(full()));
      if (!session_) return forget_session();
      client_ = std::make_shared<SimClient>(*this);
      session_->start([this, attempt](base::Status status) {
        if (attempt != attempt_) return;
        if (!status) return forget_session();
        session_->attach(client_);
        bound();
      });
    };
    if (!dead_session_) return begin();
    // <resume/> of a session whose node is dead: <failed h='…'/> tells how far the server had come.
    edge.ask_last_number(*xmpp::Jid::parse(account_), *dead_session_,
                         [this, begin, attempt](base::Result<std::optional<std::uint64_t>> h) mutable {
                           if (attempt != attempt_) return;
                           if (!h) {  // asked again at the next login
                             state_ = State::offline;
                             return;
                           }
                           if (*h) acked(static_cast<std::uint32_t>(**h));
                           dead_session_.reset();
                           after_death();
                           begin();
                         });
  });
}

void Device::after_death() {
  sent_.clear();
  sent_base_ = 0;
}

void Device::bound() {
  session_->enable(true);
  sent_.clear();
  sent_base_ = 0;
  handled_ = 0;
  seen_.clear();
  last_sequence_.clear();
  page_ = {};
  last_copied_.clear();
  carbons_since_.reset();
  waiting_.clear();
  held_ = false;
  active_ = true;
  softs_ = {};
  blocked_.clear();
  shown_.reset();
  state_ = State::online;
  if (wants_carbons && enables_first) enable_carbons();
  if (first_priority) show(first_priority);
  if (wants_carbons && !enables_first) enable_carbons();
  for (auto* message : std::exchange(outbox_, {})) send(*message);
}

void Device::receive(xml::Element element, Message* message, Command* command) {
  sent_.push_back({element, message, command});
  write(element);
}

void Device::write(const xml::Element& element) {
  if (held_) {
    waiting_.push_back({element, nullptr});
    return;
  }
  auto session = session_;
  session->heard();
  session->receive(element);
}

void Device::acked(std::uint32_t h) {
  while (!sent_.empty() && sent_base_ < h) {
    if (auto* message = sent_.front().message) {
      message->acked = true;
      std::erase(outbox_, message);
    }
    if (auto* command = sent_.front().command) command->acked = true;
    sent_.pop_front();
    ++sent_base_;
  }
  if (sent_base_ < h) findings_.add("h=" + std::to_string(h) + " is more than was sent by " + full());
}

void Device::ack_now() {
  if (state_ != State::online) return;
  auto session = session_;
  session->heard();
  session->on_ack(handled_);
}

void Device::cut() {
  if (state_ != State::online && state_ != State::starting) return;
  auto session = session_;
  if (client_) client_->cut();
  auto was = state_;
  state_ = was == State::online ? State::detached : State::offline;
  if (was == State::starting) ++attempt_;
  if (session) session->detach();
}

void Device::lost() {
  state_ = state_ == State::online || state_ == State::resuming ? State::detached : State::offline;
}

void Device::resume() {
  auto* node = cluster_.node();
  if (state_ != State::detached || !node) return;
  if (session_->is_over()) return forget_session();
  state_ = State::resuming;
  auto attempt = ++attempt_;
  session_->resume([this, attempt](base::Result<std::uint32_t> h) {
    if (attempt != attempt_ || state_ != State::resuming) return;
    if (!h) {
      if (h.error().code == base::Errc::not_found) return forget_session();
      state_ = State::detached;
      return;
    }
    acked(*h);
    client_ = std::make_shared<SimClient>(*this);
    state_ = State::online;
    held_ = false;
    waiting_.clear();
    auto again = sent_;
    session_->continue_with(client_, handled_);
    active_ = true;  // XEP-0352 §5.2
    if (state_ == State::online) nothing_waits("after the resumption");
    for (auto& sent : again) {
      if (state_ != State::online) return;
      write(sent.element);
    }
    // What was written while there was no connection goes out now.
    std::set<Message*> known;
    for (auto& sent : again) known.insert(sent.message);
    for (auto* message : std::deque<Message*>(outbox_))
      if (state_ == State::online && !known.contains(message)) transmit(*message);
  });
}

void Device::leave() {
  if (state_ != State::online) return;
  auto session = session_;
  if (client_) client_->cut();
  forget_session();
  session->end("bye");
}

void Device::forget_session() {
  ++attempt_;
  let_commands_go();
  state_ = State::offline;
  session_.reset();
  if (client_) client_->cut();
  client_.reset();
  after_death();
}

void Device::node_died() {
  if (session_ && (state_ == State::online || state_ == State::detached || state_ == State::resuming))
    dead_session_ = session_->id();
  auto sent = std::move(sent_);
  auto base = sent_base_;
  forget_session();
  if (dead_session_) {
    sent_ = std::move(sent);
    sent_base_ = base;
  }
}

}  // namespace iris::sim
