// What a session's client gets: deliveries in the order of their chains (rule C3), acks, cursors (rule C4).
#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "base/log.h"
#include "edge/metrics.h"
#include "edge/session.h"
#include "edge/session_timer.h"
#include "record/codec.h"
#include "xmpp/ns.h"
#include "xmpp/stream_error.h"

namespace iris::edge {
namespace {

constexpr std::size_t index(Chain chain) { return static_cast<std::size_t>(chain); }
constexpr std::uint64_t kReportAtOnce =
    64;  // deliveries: a quarter of a shard's window, so that catching up does not stall

std::string ping_id(std::uint64_t ping) {
  return "ping-" + base::to_hex({reinterpret_cast<const char*>(&ping), sizeof ping});
}

}  // namespace

void Session::on_deliver(record::Deliver&& deliver) {
  using metrics::Delivery;
  switch (chains_.judge(deliver)) {
    case Chains::Verdict::stale: return metrics::kDeliveries.add(1, Delivery::stale);
    case Chains::Verdict::duplicate: metrics::kDeliveries.add(1, Delivery::duplicate); return progress_later();
    case Chains::Verdict::gap:
      metrics::kDeliveries.add(1, Delivery::gap);
      if (is_full())
        missed_ = true;
      else
        register_now();
      return;
    case Chains::Verdict::accept: break;
  }
  if (is_full()) {  // not taken: its shard keeps it, and is asked again when there is room
    missed_ = true;
    return metrics::kDeliveries.add(1, Delivery::no_room);
  }
  metrics::kDeliveries.add(1, Delivery::accepted);
  const Mark mark{deliver.chain() == record::INBOX ? Chain::inbox : Chain::direct, deliver.stamp()};
  chains_.accept(mark);
  if (mark.chain == Chain::direct)
    copied_ = deliver.has_copied() ? std::make_unique<record::Copied>(deliver.copied()) : nullptr;
  const int count = deliver.xml_size();
  if (count > 0 && base::log_enabled(base::Level::debug))
    base::log(base::Level::debug, "stanza written",
              {{"session", name()}, {"message", record::name_of_message(deliver.trace())}});
  if (count > 0) release_held();
  metrics::kStanzasOut.add(count, deliver.kind());
  for (int i = 0; i < count; ++i)
    write(std::move(*deliver.mutable_xml(i)), i + 1 == count ? std::optional<Mark>(mark) : std::nullopt);
  if (count == 0 && managed_ && outbound_.push_mark(mark)) chains_.ack(mark);
  if (++unreported_ >= kReportAtOnce && !is_slow())
    progress_now();
  else
    progress_later();
  if (!managed_) prove_by_ping();
}

void Session::on_soft(record::Soft&& soft) {
  if (!soft.page().empty()) return on_page(std::move(soft));
  if (is_full()) return;  // soft: it may get lost
  if (hold(soft)) return;
  release_held();
  metrics::kStanzasOut.add(1, soft.kind());
  write(std::move(*soft.mutable_xml()), std::nullopt);
}

// All of it is taken, or none: a page of an archive with a hole would be believed.
void Session::on_page(record::Soft&& page) {
  if (is_full()) {
    if (!is_beyond(2) && !page.instead().empty()) write(std::move(*page.mutable_instead()), std::nullopt);
    return;
  }
  release_held();
  metrics::kStanzasOut.add(page.page_size(), page.kind());
  for (auto& xml : *page.mutable_page()) write(std::move(xml), std::nullopt);
}

// ---------------------------------------------------------------- client state

void Session::set_active(bool active) {
  const Options& options = context_.options;
  if (active) {
    release_held();
    held_.reset();
  } else if (held_ == nullptr && options.held_max > 0) {
    held_ = std::make_unique<Held>(options.held_max, options.held_bytes_max);
  }
}

// True: it is kept for later.
bool Session::hold(const record::Soft& soft) {
  if (held_ == nullptr) return false;
  const auto verdict = held_->take(soft.kind(), soft.xml());
  metrics::kHeld.add(1, verdict);
  if (verdict == Held::Verdict::important) return false;
  if (held_->is_full()) release_held();
  return true;
}

// All at once: nothing may overtake what was held of the same sender (RFC 6120 §10.1), and a radio that is awake for
// one stanza may as well take the others.
void Session::release_held() {
  if (held_ == nullptr) return;
  held_->release([this](record::Kind kind, std::string xml) {
    metrics::kStanzasOut.add(1, kind);
    write(std::move(xml), std::nullopt);
  });
}

void Session::write(std::string xml, std::optional<Mark> mark) {
  if (client_ != nullptr) client_->send_stanza(xml);
  if (!managed_) return;
  outbound_.push(std::move(xml), mark);
  ++unrequested_;
  ask_for_acks();
}

bool Session::is_full() const { return is_beyond(1); }

// So many times what a client may leave unread or not acknowledged.
bool Session::is_beyond(std::size_t limits) const {
  const Options& options = context_.options;
  if (managed_ &&
      (outbound_.unacked() >= limits * options.unacked_max || outbound_.bytes() >= limits * options.unacked_bytes_max))
    return true;
  return client_ != nullptr && client_->output_bytes() >= limits * options.output_bytes_max;
}

// Deliveries are taken, and not confirmed: the shard stops at the end of its window.
bool Session::is_slow() const {
  if (managed_ && outbound_.unacked() >= context_.options.unacked_max / 2) return true;
  return client_ != nullptr && client_->is_congested();
}

// ---------------------------------------------------------------- progress

void Session::progress_later() {
  if (progress_timer_.value != 0) return;
  later(progress_timer_, context_.options.progress_after, [this] { progress_now(); });
}

void Session::progress_now() {
  stop(progress_timer_);
  if (state_ != State::bound || !chains_.is_registered()) return;
  if (!is_slow()) {
    reported_ = {chains_.last(Chain::direct), chains_.last(Chain::inbox)};
    unreported_ = 0;
  }
  record::BusMessage message;
  auto& progress = *message.mutable_progress();
  progress.set_number(registration_number_);
  progress.set_direct_received(reported_[index(Chain::direct)]);
  progress.set_inbox_received(reported_[index(Chain::inbox)]);
  progress.set_direct_acked(chains_.acked(Chain::direct));
  progress.set_inbox_acked(chains_.acked(Chain::inbox));
  to_shard(std::move(message));
}

void Session::proven(Mark mark) { chains_.ack(mark); }

// There is room again: what was not taken is asked for, what was not confirmed is confirmed.
void Session::catch_up() {
  if (missed_ && !is_full() && chains_.is_registered()) {
    missed_ = false;
    register_now();
  }
  if (unreported_ > 0 && !is_slow()) progress_now();
}

void Session::drained() { catch_up(); }

// ---------------------------------------------------------------- stream management, outbound

void Session::ask_for_acks() {
  if (client_ == nullptr || requested_ || unrequested_ == 0) return;
  auto ask = [this] {
    if (client_ == nullptr) return;
    stop(request_timer_);
    requested_ = true;
    unrequested_ = 0;
    client_->request_ack();
  };
  if (unrequested_ >= context_.options.ack_request_stanzas) return ask();
  if (request_timer_.value == 0) later(request_timer_, context_.options.ack_request_after, ask);
}

xml::Element Session::ack_too_high(std::uint32_t h) const {
  return xml::Element("handled-count-too-high", xmpp::ns::kStreamManagement)
      .set("h", std::to_string(h))
      .set("send-count", std::to_string(static_cast<std::uint32_t>(outbound_.sent())));
}

void Session::on_ack(std::uint32_t h) {
  if (client_ == nullptr || !managed_) return;
  if (!outbound_.ack(h, [this](Mark mark) { proven(mark); })) {
    auto detail = ack_too_high(h);
    return end_stream({xmpp::StreamCondition::undefined_condition}, &detail);
  }
  requested_ = false;
  progress_later();
  catch_up();
  ask_for_acks();
}

// ---------------------------------------------------------------- without stream management

// Rule C4: a cursor moves only when a later byte of the client proves that it received what was written before.
void Session::prove_by_ping() {
  if (client_ == nullptr || managed_ || proof_timer_.value != 0 || ping_ != 0) return;
  later(proof_timer_, context_.options.proof_ping_after, [this] { send_ping(); });
}

void Session::send_ping() {
  if (client_ == nullptr || ping_ != 0) return;
  ping_ = context_.loop.random().next() | 1;
  ping_proves_ = {chains_.last(Chain::direct), chains_.last(Chain::inbox)};
  xmpp::Stanza ping{.kind = xmpp::Kind::iq, .type = "get", .id = ping_id(ping_)};
  ping.from = jid_.domain_jid();
  ping.to = jid_;
  ping.payload.add(xml::Element("ping", xmpp::ns::kPing));
  send(ping);
}

// A result or an error: both prove it (XEP-0199 §4.4).
bool Session::take_pong(const xmpp::Stanza& stanza) {
  if (ping_ == 0 || stanza.id != ping_id(ping_)) return false;
  ping_ = 0;
  if (managed_) return true;
  proven({Chain::direct, ping_proves_[index(Chain::direct)]});
  proven({Chain::inbox, ping_proves_[index(Chain::inbox)]});
  progress_later();
  if (chains_.acked(Chain::direct) < chains_.last(Chain::direct) ||
      chains_.acked(Chain::inbox) < chains_.last(Chain::inbox))
    prove_by_ping();
  return true;
}

// A silent client is asked; one that stays silent is cut, and may resume.
void Session::watch_idle() {
  if (client_ == nullptr) return;
  const Options& options = context_.options;
  const auto silent = context_.loop.clock().steady() - last_heard_;
  if (silent >= options.idle_ping + options.idle_timeout)
    return end_stream({xmpp::StreamCondition::connection_timeout, "no answer"});
  if (silent < options.idle_ping) return later(idle_timer_, options.idle_ping - silent, [this] { watch_idle(); });
  if (managed_)
    client_->request_ack();
  else
    send_ping();
  later(idle_timer_, options.idle_ping + options.idle_timeout - silent, [this] { watch_idle(); });
}

}  // namespace iris::edge
