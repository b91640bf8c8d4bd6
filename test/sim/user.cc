#include "user.h"

#include "xmpp/jid.h"

namespace iris::sim {
namespace {

std::string between(std::string_view text, std::string_view begin, std::string_view end) {
  auto at = text.find(begin);
  if (at == std::string_view::npos) return {};
  at += begin.size();
  return std::string(text.substr(at, text.find(end, at) - at));
}

}  // namespace

// ---------------------------------------------------------------- the far end

void SimClient::send_stanza(std::string_view xml) {
  if (!device_) return;
  ++device_->handled_;
  if (xml.find("urn:xmpp:mam:2") != std::string_view::npos) return device_->on_archive(xml);
  if (xml.starts_with("<message")) {
    auto origin = between(xml, "<origin-id", "/>");
    const bool sent = xml.find("<sent xmlns='urn:xmpp:carbons:2'>") != std::string_view::npos;
    if (sent || xml.find("<received xmlns='urn:xmpp:carbons:2'>") != std::string_view::npos)
      return device_->on_carbon(between(origin, " id='", "'"), sent);
    if (xml.find(" type='error'") != std::string_view::npos) return device_->on_refusal(between(xml, " id='m-", "'"));
    return device_->on_message(between(origin, " id='", "'"));
  }
  if (xml.starts_with("<iq") && xml.find(" id='carbons'") != std::string_view::npos)
    return device_->on_carbons_enabled();
  if (xml.starts_with("<iq") && xml.find("urn:xmpp:ping") != std::string_view::npos &&
      xml.find("type='get'") != std::string_view::npos) {
    auto answer = xml::Element("iq", "jabber:client").set("type", "result").set("id", between(xml, " id='", "'"));
    device_->receive(std::move(answer), nullptr);
  }
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

Device::Device(Cluster& cluster, std::map<std::string, Message>& messages, Findings& findings, std::string account,
               std::string resource)
    : cluster_(cluster),
      messages_(messages),
      findings_(findings),
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
      session_->attach(client_);
      session_->start([this, attempt](base::Status status) {
        if (attempt != attempt_) return;
        if (!status) return forget_session();
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
  state_ = State::online;
  if (wants_carbons && enables_first) enable_carbons();
  receive(xml::Element("presence", "jabber:client"), nullptr);
  if (wants_carbons && !enables_first) enable_carbons();
  for (auto* message : std::exchange(outbox_, {})) send(*message);
}

void Device::send(Message& message) {
  outbox_.push_back(&message);
  if (state_ == State::online) transmit(message);
}

void Device::transmit(Message& message) {
  ++message.attempts;
  auto element = xml::Element("message", "jabber:client")
                     .set("type", "chat")
                     .set("to", message.to)
                     .set("id", message.element_id());
  element.add(xml::Element("body").add_text(message.id));
  element.add(xml::Element("origin-id", "urn:xmpp:sid:0").set("id", message.id));
  receive(std::move(element), &message);
  if (state_ == State::online && cluster_.world.random().chance(0.5)) ask_for_ack();
}

void Device::ask_for_ack() {
  if (state_ != State::online || held_) return;
  auto session = session_;
  session->on_ack_request();
}

void Device::receive(xml::Element element, Message* message) {
  sent_.push_back({element, message});
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

// resource-constraint, wait: nothing was taken. The user gives up on it.
void Device::on_refusal(const std::string& id) {
  auto it = messages_.find(id);
  if (it == messages_.end()) return findings_.add("an error for a message that " + full() + " did not send: " + id);
  it->second.refused = true;
  std::erase(outbox_, &it->second);
  for (auto& sent : sent_)
    if (sent.message == &it->second) sent.message = nullptr;
}

void Device::on_message(const std::string& id) {
  auto it = messages_.find(id);
  if (it == messages_.end()) return;
  auto& message = it->second;
  ++message.received;
  if (!seen_.insert(id).second) findings_.add("no duplicate to a live session: " + id + " came twice to " + full());
  if (message.to == message.to_bare) {
    auto& last = last_sequence_[message.device];
    if (message.sequence <= last)
      findings_.add("per-sender order: " + id + " came to " + full() + " after number " + std::to_string(last));
    last = std::max(last, message.sequence);
  }
}

void Device::read_archive() {
  if (state_ != State::online) return;
  auto set = xml::Element("set", "http://jabber.org/protocol/rsm");
  set.add(xml::Element("max").add_text("10")).add(xml::Element("before"));
  auto iq = xml::Element("iq", "jabber:client").set("type", "set").set("id", "page");
  receive(iq.add(xml::Element("query", "urn:xmpp:mam:2").add(std::move(set))), nullptr);
}

void Device::on_archive(std::string_view xml) {
  if (xml.starts_with("<message")) {
    page_.ids.push_back(between(xml, " id='", "'"));
  } else if (xml.find("<fin") != std::string_view::npos) {
    page_.account = account_;
    page_.first = between(xml, "<first>", "<");
    page_.last = between(xml, "<last>", "<");
    pages.push_back(std::exchange(page_, {}));
  }
}

void Device::enable_carbons() {
  auto iq = xml::Element("iq", "jabber:client").set("type", "set").set("id", "carbons");
  iq.add(xml::Element("enable", "urn:xmpp:carbons:2"));
  receive(std::move(iq), nullptr);
}

void Device::on_carbons_enabled() {
  if (!carbons_since_)
    carbons_since_ = base::Stamp{static_cast<std::uint64_t>(cluster_.world.wall().time_since_epoch().count())};
}

// XEP-0280: once, also beside the message itself; in order; of one's own account; never of what this device has sent.
void Device::on_carbon(const std::string& id, bool sent) {
  auto it = messages_.find(id);
  if (it == messages_.end()) return;
  auto& message = it->second;
  if (!wants_carbons) findings_.add("a carbon that " + full() + " has not asked for: " + id);
  if (sent ? message.from != account_ || message.device == full() : message.to_bare != account_)
    findings_.add("a carbon that is not for " + full() + ": " + id);
  if (!sent) ++message.received;
  if (!seen_.insert(id).second) findings_.add("no duplicate to a live session: the copy of " + id + " to " + full());
  // What is routed again is late by its nature (rule C4); it is copied only to a session that is not available.
  if (enables_first && message.to != message.to_bare && !sent) return;
  auto& last = last_copied_[message.device];
  if (message.sequence <= last)
    findings_.add("per-sender order: the copy of " + id + " came to " + full() + " after number " +
                  std::to_string(last));
  last = message.sequence;
}

void Device::acked(std::uint32_t h) {
  while (!sent_.empty() && sent_base_ < h) {
    if (auto* message = sent_.front().message) {
      message->acked = true;
      std::erase(outbox_, message);
    }
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
