#include "edge/session.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "edge/metrics.h"
#include "edge/session_timer.h"
#include "record/codec.h"
#include "record/partition.h"
#include "xmpp/stream_error.h"

namespace iris::edge {

using base::Errc;
using base::Error;
using base::Level;
using base::Offset;
using base::Result;

std::string Session::name() const { return record::name_of(session_ref(id_)); }

Session::Session(SessionContext context, base::SessionId id, xmpp::Jid jid)
    : context_(context),
      id_(id),
      jid_(std::move(jid)),
      partition_(record::partition_of(jid_.bare_view(), context.log.partitions())),
      resume_wait_(context.options.detached_timeout),
      register_delay_(context.options.register_again),
      last_heard_(context.loop.clock().steady()),
      began_(last_heard_) {
  metrics::kSessions.add(1, 1);
}

Session::~Session() {
  metrics::kSessions.add(-1, client_ ? 0 : 1);
  for (auto* timer : {&register_timer_, &progress_timer_, &detached_timer_, &ack_timer_, &request_timer_, &proof_timer_,
                      &idle_timer_, &presence_timer_})
    stop(*timer);
  if (resuming_) stop(resuming_->again);
}

SessionFacts Session::facts() const {
  const auto now = context_.loop.clock().steady();
  return {.jid = jid_.to_string(),
          .name = name(),
          .peer = client_ ? client_->peer_name() : std::string(),
          .available = available_,
          .priority = priority_,
          .managed = managed_,
          .unacked = outbound_.unacked(),
          .age = now - began_,
          .silent = now - last_heard_};
}

record::Record Session::new_record() const {
  record::Record record;
  record.set_time(static_cast<std::uint64_t>(context_.loop.clock().wall().time_since_epoch().count()));
  record.set_entity(std::string(account()));
  return record;
}

namespace {

void set_edge(record::Address& address, const Options& options, const base::SessionId& id) {
  address.set_node(options.node);
  address.set_loop(id.loop);
}

}  // namespace

void Session::append(record::Record record, base::Callback<void(Result<Offset>)> done) {
  context_.log.append(partition_, record::encode(std::move(record)), context_.loop,
                      [self = weak_from_this(), done = std::move(done)](Result<Offset> offset) mutable {
                        // Rule L1: success without a valid offset is no success.
                        if (offset && offset->value < 0) offset = Error{Errc::unknown_outcome, "append gave no offset"};
                        if (auto alive = self.lock()) done(std::move(offset));
                      });
}

void Session::to_shard(record::BusMessage message) {
  const auto& owner = context_.owners.of(partition_);
  if (!owner) return;  // whatever it was is repeated or soft; the owner's announcement makes us register
  message.set_entity(std::string(account()));
  *message.mutable_session() = session_ref(id_);
  context_.bus.send(owner->address, std::move(message));
}

// ---------------------------------------------------------------- start

void Session::start(base::Callback<void(base::Status)> bound) {
  bound_ = std::move(bound);
  auto record = new_record();
  auto& start = *record.mutable_session_start();
  *start.mutable_session() = session_ref(id_);
  start.set_resource(std::string(jid_.resource()));
  start.set_epoch(epoch_);
  set_edge(*start.mutable_edge(), context_.options, id_);
  started_ = true;
  append(std::move(record), [this](Result<Offset> offset) {
    if (!offset) {
      started_ = offset.error().code == Errc::unknown_outcome;
      return failed(offset.error());
    }
    inbound_.wait_for(*offset);
    if (!is_over()) register_now();
  });
}

// Repeated until answered (rule C3).
void Session::register_now() {
  stop(register_timer_);
  if (is_over()) return;
  if (chains_.is_registered() || registration_number_ == 0) {
    chains_.begin_registration(++registration_number_);
    register_delay_ = context_.options.register_again;
  }
  record::BusMessage message;
  *message.mutable_register_() = registration();
  to_shard(std::move(message));
  metrics::kRegistrations.add(1);
  later(register_timer_, register_delay_, [this] { register_now(); });
  register_delay_ = std::min(register_delay_ * 2, context_.options.register_again_max);
}

record::Register Session::registration() const {
  record::Register out;
  out.set_resource(std::string(jid_.resource()));
  set_edge(*out.mutable_edge(), context_.options, id_);
  out.set_number(registration_number_);
  out.set_direct_last(chains_.last(Chain::direct));
  out.set_inbox_open(chains_.inbox_open() || was_entitled_);
  out.set_inbox_last(chains_.last(Chain::inbox));
  out.set_direct_acked(chains_.acked(Chain::direct));
  out.set_inbox_acked(chains_.acked(Chain::inbox));
  out.set_available(available_);
  out.set_priority(priority_);
  if (available_) *out.mutable_presence_stanza() = presence_.get();
  out.set_interested(interested_);
  out.set_blocklist(blocklist_);
  out.set_carbons(carbons_);
  if (carbons_ && copied_) *out.mutable_copied() = *copied_;
  out.set_presence_sequence(presence_sequence_);
  for (const auto& to : directed_) out.add_directed()->set_to(to);  // what was said is not needed to take it back
  out.set_after_offset(inbound_.last_offset());
  return out;
}

// ---------------------------------------------------------------- connection

void Session::attach(std::shared_ptr<Client> client) {
  if (client_ == nullptr) metrics::kSessions.add(-1, 1), metrics::kSessions.add(1, 0);
  client_ = std::move(client);
  input_held_ = false;
  requested_ = false;
  ping_ = 0;
  stop(detached_timer_);
  heard();
  watch_idle();
}

void Session::detach() {
  if (client_ != nullptr) metrics::kSessions.add(1, 1), metrics::kSessions.add(-1, 0);
  client_.reset();
  for (auto* timer : {&ack_timer_, &request_timer_, &proof_timer_, &idle_timer_}) stop(*timer);
  ack_due_ = false;
  if (is_over()) return;
  if (!resumable_) return end("the connection was lost");
  // XEP-0198 §5: waits for its client, and takes deliveries meanwhile, as many as it may hold.
  later(detached_timer_, resume_wait_, [this] { end("nobody resumed it"); });
}

void Session::end(std::string_view reason) {
  if (is_over()) return;
  state_ = State::ending;
  end_reason_ = reason;
  if (client_ != nullptr) metrics::kSessions.add(1, 1), metrics::kSessions.add(-1, 0);
  client_.reset();
  for (auto* timer : {&register_timer_, &detached_timer_, &ack_timer_, &request_timer_, &proof_timer_, &idle_timer_,
                      &presence_timer_})
    stop(*timer);
  base::log(Level::info, "session ended", {{"session", name()}, {"account", account()}, {"reason", reason}});
  if (resuming_) finish_resume(Error{Errc::not_found, "the session has ended"});
  if (bound_) std::exchange(bound_, nullptr)(Error{Errc::closed, "the session has ended"});
  // Not from inside the call: who ends a session may still look at it.
  context_.loop.post([self = weak_from_this()] {
    if (auto alive = self.lock()) alive->finish_if_quiet();
  });
}

// The end goes out behind all that was appended and passed on before: a record behind SessionEnd might be dropped.
void Session::finish_if_quiet() {
  if (state_ != State::ending) return;
  if (!inbound_.abandoned() && inbound_.open() > 0) return;
  state_ = State::ended;
  if (shard_knows_) {
    to_shard(farewell(end_reason_));
  } else if (started_) {
    // Its shard may not know it yet; the log does.
    auto record = new_record();
    *record.mutable_session_end()->mutable_session() = session_ref(id_);
    context_.log.append(partition_, record::encode(std::move(record)), context_.loop,
                        [name = name()](Result<Offset> offset) {
                          // The session stays in the log as if it lived, until its resource is bound again or its shard
                          // is taken over.
                          if (!offset)
                            base::log(Level::warn, "a session's end was not logged",
                                      {{"session", name}, {"error", offset.error().message}});
                        });
  }
  if (ended_) ended_(*this);
}

record::BusMessage Session::farewell(std::string_view reason) const {
  record::BusMessage message;
  message.set_entity(std::string(account()));
  *message.mutable_session() = session_ref(id_);
  auto& out = *message.mutable_unregister();
  out.set_direct_acked(chains_.acked(Chain::direct));
  out.set_inbox_acked(chains_.acked(Chain::inbox));
  out.set_reason(std::string(reason));
  out.set_after_offset(inbound_.last_offset());
  return message;
}

// The stream ends in an error; the session waits for a resumption if it may.
void Session::end_stream(xmpp::StreamError error, const xml::Element* detail) {
  if (client_ == nullptr) return;
  auto client = client_;
  detach();
  client->end(error, detail);
}

// An append did not give an offset (rule L1): what the stream's order hangs on is unknown. The client resends on its
// next stream.
void Session::failed(const Error& error) {
  base::log(Level::warn, "append failed",
            {{"session", name()}, {"error", base::to_string(error.code)}, {"text", error.message}});
  if (state_ == State::starting) {
    auto bound = std::exchange(bound_, nullptr);
    if (bound) bound(error);
    return end("it could not be started");
  }
  inbound_.abandon();
  if (state_ == State::ending) return finish_if_quiet();
  end_stream({error.code == Errc::closed ? xmpp::StreamCondition::system_shutdown
                                         : xmpp::StreamCondition::internal_server_error,
              "your last stanzas may not have been accepted"});
}

// ---------------------------------------------------------------- resumption

void Session::resume(base::Callback<void(Result<std::uint32_t>)> resumed) {
  if (is_over()) return resumed(Error{Errc::not_found, "the session has ended"});
  if (resuming_) finish_resume(Error{Errc::already_exists, "resumed by another connection"});
  end_stream({xmpp::StreamCondition::conflict, "resumed by another connection"});
  if (!resumable_ || is_over()) return resumed(Error{Errc::not_found, "the session cannot be resumed"});
  stop(detached_timer_);
  resuming_ = std::make_unique<Resuming>(std::move(resumed));
  append_resume();
}

// Again, with a higher epoch, when the answer got lost on the Bus.
void Session::append_resume() {
  if (++resuming_->attempts > context_.options.resume_attempts_max)
    return finish_resume(Error{Errc::unavailable, "the session's shard does not answer"});
  ++epoch_;
  auto record = new_record();
  auto& resume = *record.mutable_session_resume();
  *resume.mutable_session() = session_ref(id_);
  resume.set_epoch(epoch_);
  set_edge(*resume.mutable_edge(), context_.options, id_);
  later(resuming_->again, context_.options.resume_again, [this] { append_resume(); });
  append(std::move(record), [this, epoch = epoch_](Result<Offset> offset) {
    if (offset)
      inbound_.wait_for(*offset);
    else if (resuming_ && epoch == epoch_)
      finish_resume(offset.error());
  });
}

void Session::on_session_info(const record::SessionInfo& info) {
  if (!resuming_ || info.epoch() != epoch_) return;
  inbound_.resume(info.last_number());
  if (info.known()) return finish_resume(h());
  finish_resume(Error{Errc::not_found, "the session has ended"});
  end("it had ended at its shard");
}

void Session::finish_resume(Result<std::uint32_t> outcome) {
  auto resuming = std::exchange(resuming_, nullptr);
  stop(resuming->again);
  const bool ok = outcome.ok();
  // Appends of an epoch that may be over: who resumes next asks again what became of them.
  if (!ok) inbound_.abandon();
  if (!ok && !is_over()) later(detached_timer_, resume_wait_, [this] { end("nobody resumed it"); });
  metrics::kResumes.add(1, ok ? metrics::Resume::ok : metrics::Resume::failed);
  resuming->done(std::move(outcome));
}

void Session::continue_with(std::shared_ptr<Client> client, std::uint32_t client_h) {
  attach(std::move(client));
  outbound_.ack(client_h, [this](Mark mark) { proven(mark); });
  last_h_sent_ = h();
  outbound_.each([this](const std::string& xml) { client_->send_stanza(xml); });
  unrequested_ = outbound_.unacked();
  set_active(true);  // XEP-0352 §5.2
  progress_later();
  catch_up();
  ask_for_acks();
}

// ---------------------------------------------------------------- Bus

void Session::on_bus(record::BusMessage&& message) {
  if (is_over()) return;
  switch (message.body_case()) {
    case record::BusMessage::kRegistered: {
      const auto& registered = message.registered();
      if (registered.number() != registration_number_ || registered.epoch() < chains_.epoch()) return;
      // The answer waits for the session's own start to be applied: the log has ended it since.
      if (registered.unknown_session())
        return state_ != State::starting ? ended_by_shard("conflict", {})
               : registered.full()       ? failed({Errc::overloaded, "too many sessions of the account"})
                                         : failed({Errc::unavailable, "ended before it was bound"});
      stop(register_timer_);
      chains_.registered(registered.epoch(), registered.direct_start());
      shard_knows_ = true;
      presence_taken_ = std::max(presence_taken_, registered.presence_sequence());
      missed_ = false;
      if (state_ == State::starting) {
        state_ = State::bound;
        base::log(Level::info, "session bound", {{"session", name()}, {"account", account()}});
        if (bound_) std::exchange(bound_, nullptr)(base::ok());
      }
      return;
    }
    case record::BusMessage::kDeliver: return on_deliver(std::move(*message.mutable_deliver()));
    case record::BusMessage::kSoft: return on_soft(std::move(*message.mutable_soft()));
    case record::BusMessage::kSessionInfo: return on_session_info(message.session_info());
    case record::BusMessage::kEndSession:
      return ended_by_shard(message.end_session().condition(), message.end_session().text());
    default: return;  // of a newer version; soft
  }
}

void Session::ended_by_shard(const std::string& condition, const std::string& text) {
  resumable_ = false;
  auto client = client_;
  end(text.empty() ? condition : condition + ": " + text);
  auto known = xmpp::stream_condition(condition).value_or(xmpp::StreamCondition::undefined_condition);
  if (client) client->end({known, text}, nullptr);
}

// Rule O1: registers again with the new owner.
void Session::owner_changed(base::PartitionId partition) {
  if (partition != partition_ || is_over() || registration_number_ == 0) return;
  register_now();
}

}  // namespace iris::edge
