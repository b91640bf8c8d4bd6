// The soft side of a shard: registrations, stanzas that are not logged, sessions that are gone (rules O2, C3, C4, C5).
#include <algorithm>
#include <variant>

#include "base/log.h"
#include "record/codec.h"
#include "record/keys.h"
#include "record/partition.h"
#include "shard/jid_text.h"
#include "shard/metrics.h"
#include "shard/offline.h"
#include "shard/session_rows.h"
#include "shard/shard.h"
#include "shard/stanzas.h"
#include "xml/push_parser.h"
#include "xmpp/ns.h"
#include "xmpp/stanza.h"

namespace iris::shard {
namespace {

constexpr base::Duration kAppendRetry = 500ms;
constexpr std::size_t kWaitersMax = 4096;      // soft messages of one entity that wait for a record
constexpr std::size_t kSoftLoadingMax = 4096;  // or for its load
constexpr int kPendingAckedMax = 32;           // acknowledged direct rows that wait for others to share a SessionAcked

record::Stanza unavailable(const record::Register& in) {
  record::Stanza out;
  out.set_kind(record::PRESENCE);
  out.set_type("unavailable");
  out.set_from(in.presence_stanza().from());
  return out;
}

// C5: a registration that newer presence has overtaken does not take it back.
record::Register not_before(const Session& known, record::Register in) {
  if (in.presence_sequence() >= known.presence_sequence) return in;
  in.set_available(known.available);
  in.set_priority(known.priority);
  *in.mutable_presence_stanza() = known.presence.get();
  in.set_inbox_open(in.inbox_open() || known.inbox.open);
  return in;
}

// XEP-0012 §3: "the status message of the last unavailable presence". A session that ends without a word has none.
std::string parting_status(const record::Stanza& presence) {
  if (presence.type() != "unavailable" || presence.inner().empty()) return {};
  auto parsed = xml::parse_fragment(presence.inner(), xmpp::ns::kClient);
  const auto* inner = std::get_if<xml::Element>(&parsed);
  return inner ? inner->child_text("status", xmpp::ns::kClient) : std::string{};
}

}  // namespace

void Shard::on_bus(record::BusMessage&& message) {
  // O1: it answers only after it has applied its own takeover. Registrations are repeated until answered.
  if (!owning_ || stopped_ || stopping_) {
    kSoftDropped.add(1);
    return;
  }
  auto& target = entity(message.entity());
  target.used_at_ = world_.loop.clock().steady();
  if (target.ready_) return handle(target, std::move(message));
  if (target.soft_.size() >= kSoftLoadingMax) {
    kSoftDropped.add(1);
    return;
  }
  target.soft_.push_back(std::move(message));
}

void Shard::handle(Entity& entity, record::BusMessage&& message) {
  switch (message.body_case()) {
    case record::BusMessage::kRegister: return on_register(entity, message.session(), message.register_());
    case record::BusMessage::kUnregister: {
      // C5: behind what its client said last, such as with which status it leaves.
      const base::Offset after{message.unregister().after_offset()};
      return entity.when_applied(after, [this, &entity, message = std::move(message)] {
        on_unregister(entity, message.session(), message.unregister());
      });
    }
    case record::BusMessage::kProgress: return on_progress(entity, message.session(), message.progress());
    case record::BusMessage::kSoft:
      if (message.soft().from_client()) {
        const base::Offset after{message.soft().after_offset()};
        if (entity.has_applied(after))
          return on_client_stanza(entity, message.session(), std::move(*message.mutable_soft()));
        if (entity.waiters_.size() >= kWaitersMax) {
          kSoftDropped.add(1);
          return;
        }
        return entity.when_applied(after, [this, &entity, message = std::move(message)]() mutable {
          on_client_stanza(entity, message.session(), std::move(*message.mutable_soft()));
        });
      }
      return hold_or_run(entity, std::move(message));
    case record::BusMessage::kPresence: return hold_or_run(entity, std::move(message));
    default: kSoftDropped.add(1);  // not for a shard
  }
}

// ---------------------------------------------------------------- sessions

void Shard::on_register(Entity& entity, const record::SessionRef& session, const record::Register& in) {
  entity.when_applied(base::Offset{in.after_offset()}, [this, &entity, session, in] {
    auto row = find_session(entity.state_, session);
    if (!row || row->ended() != 0) {
      record::BusMessage message;
      *message.mutable_session() = session;
      auto& unknown = *message.mutable_registered();
      unknown.set_number(in.number());
      unknown.set_epoch(takeover_->value);
      unknown.set_unknown_session(true);
      unknown.set_full(!row && is_full_of_sessions(entity.state_, options_));
      return send({in.edge().node(), in.edge().loop()}, std::move(message));
    }
    auto* known = entity.sessions_.find(session_id(session));
    if (known && in.number() < known->number) return;
    Registration before;
    std::uint64_t heard = 0;
    if (known) before = *known, heard = known->presence_sequence;
    entity.forget_former_account();
    auto& registered = entity.sessions_.put(session, known ? not_before(*known, in) : in, base::Stamp{row->started()});
    if (in.presence_sequence() > heard) {
      // C5: presence that the Bus has lost, or that an owner before us took.
      registered.available = before.available;
      registered.priority = before.priority;
      take_presence(entity, registered, in.presence_sequence(),
                    in.available() ? in.presence_stanza() : unavailable(in));
    }
    entity.sessions_.answer(registered);
    for (auto& module : world_.modules) module->on_session_registered(entity, registered);
  });
}

void Shard::take_presence(Entity& entity, Session& session, std::uint64_t sequence, const record::Stanza& stanza) {
  session.presence_sequence = sequence;
  for (auto& module : world_.modules)
    if (module->on_presence(entity, session, stanza)) break;
  if (!session.entitled()) entity.sessions_.close_inbox(session);
}

void Shard::on_unregister(Entity& entity, const record::SessionRef& session, const record::Unregister& in) {
  auto* known = entity.sessions_.find(session_id(session));
  std::string status;
  if (known) {
    status = parting_status(known->presence.get());
    record::Progress progress;
    progress.set_number(known->number);
    progress.set_direct_acked(in.direct_acked());
    progress.set_inbox_acked(in.inbox_acked());
    entity.sessions_.progress(*known, progress);
    for (auto& module : world_.modules) module->on_session_gone(entity, *known);
    entity.sessions_.erase(session_id(session));
  }
  if (auto row = find_session(entity.state_, session); row && row->ended() == 0)
    append_session_end(entity.jid_, session, in.direct_acked(), status);
}

void Shard::on_progress(Entity& entity, const record::SessionRef& session, const record::Progress& in) {
  auto* known = entity.sessions_.find(session_id(session));
  if (!known) return;
  auto before = known->direct.acked;
  entity.sessions_.progress(*known, in);
  if (known->direct.acked == before) return;
  const int acked = pending_acked(entity, *known);
  if (acked >= kPendingAckedMax) return append_session_acked(entity, *known);
  if (acked > 0 && entity.acked_until_ == base::SteadyTime{})
    entity.acked_until_ = world_.loop.clock().steady() + options_.acked_after;
}

int Shard::pending_acked(const Entity& entity, const Session& session) const {
  int acked = 0;
  entity.state_.each(pending_prefix(session.resource), [&](std::string_view rest, const std::string&) {
    if (record::stamp_of_key(rest) > session.direct.acked) return false;
    ++acked;
    return true;
  });
  return acked;
}

// Rule C4: a session may also end by a record of somebody else, who knows no cursors: a conflict, a takeover. What its
// client has received must not be routed again then, so it stands in the log, soon and several at a time.
void Shard::append_acked_pending(Entity& entity) {
  entity.acked_until_ = {};
  for (const auto* registered : entity.sessions_.all())
    if (const auto* session = entity.sessions_.find(registered->id); session && pending_acked(entity, *session) > 0)
      append_session_acked(entity, *session);
}

void Shard::append_session_acked(const Entity& entity, const Session& session) {
  record::Record record;
  record.set_entity(entity.jid_);
  *record.mutable_session_acked()->mutable_session() = session_ref(session.id);
  record.mutable_session_acked()->set_direct_acked(session.direct.acked.value);
  append_soon(std::move(record), {});
}

// The quota of XEP-0160 is decided in apply, which knows the log alone.
void Shard::append_offline_read(Entity& entity) {
  auto acked = entity.sessions_.offline_position();
  if (!owning_ || acked <= entity.offline_read_ || !is_offline_read(entity.state_, acked)) return;
  entity.offline_read_ = acked;
  record::Record record;
  record.set_entity(entity.jid_);
  record.mutable_offline_read()->set_acked(acked.value);
  append_soon(std::move(record), {});
}

// O2: sessions that the log knows and that nobody has registered within the grace are over.
void Shard::end_absent_sessions(Entity& entity) {
  entity.grace_until_ = {};
  std::vector<record::SessionRef> absent;
  entity.state_.each("session/", [&](std::string_view, const std::string& value) {
    record::SessionRow row;
    if (row.ParseFromString(value) && row.ended() == 0 && row.started() <= entity.loaded_at_.value &&
        !entity.sessions_.find(session_id(row.session())))
      absent.push_back(row.session());
    return true;
  });
  for (auto& session : absent) append_session_end(entity.jid_, session, 0, {});
}

void Shard::append_session_end(const std::string& jid, record::SessionRef session, std::uint64_t acked,
                               const std::string& status) {
  record::Record record;
  record.set_entity(jid);
  *record.mutable_session_end()->mutable_session() = std::move(session);
  record.mutable_session_end()->set_direct_acked(acked);
  if (status.size() <= options_.last_status_bytes_max) record.mutable_session_end()->set_status(status);
  append_soon(std::move(record), {});
}

// To the own partition, tried until it is there. Should the process die first, the next owner's grace makes up for it;
// should it stand twice, the second changes nothing.
void Shard::append_soon(record::Record record, base::Duration wait) {
  world_.loop.after(wait, [this, alive = alive_, record = std::move(record)]() mutable {
    if (!*alive || stopped_) return;
    record.set_time(static_cast<std::uint64_t>(world_.loop.clock().wall().time_since_epoch().count()));
    auto bytes = record::encode(record);
    world_.log.append(partition_, std::move(bytes), world_.loop,
                      [this, alive, record = std::move(record)](base::Result<base::Offset> offset) mutable {
                        if (*alive && !offset && offset.error().code != base::Errc::closed)
                          append_soon(std::move(record), kAppendRetry);
                      });
  });
}

// ---------------------------------------------------------------- stanzas

void Shard::on_client_stanza(Entity& entity, const record::SessionRef& session, record::Soft&& in) {
  auto* from = entity.sessions_.find(session_id(session));
  if (!from) {
    kSoftDropped.add(1);
    return;
  }
  auto& stanza = *in.mutable_stanza();
  if (stanza.kind() == record::PRESENCE) {
    if (in.sequence() <= from->presence_sequence) return;  // C5: doubled or overtaken by the Bus
    // One before it got lost, which may have been for all: the edge, still waiting to hear of it, registers again.
    const bool is_behind_a_gap = !stanza.to().empty() && in.sequence() > from->presence_sequence + 1;
    take_presence(entity, *from, is_behind_a_gap ? from->presence_sequence : in.sequence(), stanza);
    return entity.sessions_.answer(*from);
  }
  bool own = stanza.to().empty() || stanza.to() == entity.jid_;
  if (stanza.kind() == record::IQ && own) {
    if (stanza.type() != "get" && stanza.type() != "set") return;
    Query query;
    query.request = std::move(stanza);
    query.own = true;
    query.session = from->id;
    return this->query(entity, std::move(query));
  }
  auto out = std::move(stanza);
  if (out.to().empty()) out.set_to(entity.jid_);
  for (auto& module : world_.modules)
    if (module->on_soft(entity, *from, out)) return;
  // XEP-0280 §8. To oneself: copied where it arrives.
  if (bare_of(out.to()) != entity.jid_) copy(entity, out, [&](const Registration& one) { return &one == from; });
  forward(entity, std::move(out));
}

void Shard::query(Entity& entity, Query query) {
  auto payload = xmpp::read_stanza(
      {static_cast<xmpp::Kind>(query.request.kind()), query.request.type(), query.request.id()}, query.request.inner());
  if (auto* parsed = std::get_if<xmpp::Stanza>(&payload)) {
    query.payload = std::move(*parsed);
    if (const auto* child = query.payload.first_child()) {
      query.child_name = child->name;
      query.child_ns = child->ns;
    }
  }
  for (auto& module : world_.modules)
    if (module->on_query(entity, query)) return;
  // The one place for what nobody handles.
  if (auto error = xmpp::unhandled_at_account(query.request.type(), query.child_ns))
    reply(entity, query, error_reply(query.request, *error));
}

void Shard::hold_or_run(Entity& entity, record::BusMessage&& message) {
  const auto& after = message.has_soft() ? message.soft().after() : message.presence().after();
  auto run = [&] {
    if (message.has_soft()) return on_soft(entity, message.soft().stanza());
    for (auto& module : world_.modules)
      if (module->on_presence_in(entity, message.presence().stanza())) return;
  };
  bool must_wait =
      after.stamp() != 0 && !sources_.accepted(after.partition(), base::Stamp{after.stamp()}, after.index());
  if (!must_wait) return run();
  if (held_.size() >= options_.held_max) {
    kSoftDropped.add(1);
    return;
  }
  held_.push_back({entity.jid_, std::move(message), world_.loop.clock().steady() + options_.hold_max});
  entity.pins_++;
}

// Something that need not wait any more: it was sent before the record that comes now.
bool Shard::is_held_back(std::string_view jid) const {
  return std::ranges::any_of(held_, [&](const Held& one) {
    const auto& after = one.message.has_soft() ? one.message.soft().after() : one.message.presence().after();
    return one.jid == jid && sources_.accepted(after.partition(), base::Stamp{after.stamp()}, after.index());
  });
}

void Shard::release_held(base::SteadyTime now) {
  auto held = std::exchange(held_, {});
  for (auto& one : held) {
    auto& target = entity(one.jid);
    auto* after = one.message.has_soft() ? one.message.mutable_soft()->mutable_after()
                                         : one.message.mutable_presence()->mutable_after();
    bool accepted = sources_.accepted(after->partition(), base::Stamp{after->stamp()}, after->index());
    if (!accepted && now < one.until) {
      held_.push_back(std::move(one));
      continue;
    }
    target.pins_--;
    if (!target.ready_) {
      if (target.soft_.size() < kSoftLoadingMax) target.soft_.push_back(std::move(one.message));
      continue;
    }
    after->set_stamp(0);  // waited long enough
    hold_or_run(target, std::move(one.message));
  }
}

// A soft message or IQ from elsewhere for this entity: RFC 6121 §8.5.2, §8.5.3. What is logged is the modules'.
void Shard::on_soft(Entity& entity, const record::Stanza& stanza) {
  for (auto& module : world_.modules)
    if (module->on_soft_in(entity, stanza)) return;
  const auto resource = resource_of(stanza.to());
  auto* addressed = resource.empty() ? nullptr : entity.sessions_.find_resource(resource);
  const auto& type = stanza.type();
  if (stanza.kind() == record::IQ && addressed) return entity.deliver(*addressed, stanza);
  if (stanza.kind() == record::IQ && resource.empty()) {
    if (type != "get" && type != "set") return;
    Query query;
    query.request = stanza;
    return this->query(entity, std::move(query));
  }
  if (!addressed && (stanza.kind() == record::IQ || type == "groupchat")) {
    if (auto error = xmpp::unhandled(static_cast<xmpp::Kind>(stanza.kind()), type))
      forward(entity, error_reply(stanza, *error));
    return;
  }
  // Table 1: to a resource that is not there only chat goes on to the account; an error goes nowhere.
  const bool to_one_only = type == "error" || (!resource.empty() && type != "chat");
  auto reaches = [&](const Registration& session) {
    return addressed ? &session == addressed : !to_one_only && session.entitled();
  };
  for (auto* session : entity.sessions_.all())
    if (reaches(*session)) entity.deliver(*session, stanza);
  copy(entity, stanza, reaches);
}

// ---------------------------------------------------------------- out

void Shard::forward(Entity& from, record::Stanza stanza) {
  std::string to_bare(bare_of(stanza.to()));
  const auto& owner = world_.owners.of(record::partition_of(to_bare, options_.partitions));
  if (!owner) {
    kSoftDropped.add(1);
    return;
  }
  record::BusMessage message;
  message.set_entity(to_bare);
  record::Source after;
  for (const auto& emitted : from.recent_emissions_)
    if (emitted.to_bare == to_bare) after = emitted.source;
  bool presence = stanza.kind() == record::PRESENCE;
  if (after.stamp() != 0)
    *(presence ? message.mutable_presence()->mutable_after() : message.mutable_soft()->mutable_after()) = after;
  *(presence ? message.mutable_presence()->mutable_stanza() : message.mutable_soft()->mutable_stanza()) =
      std::move(stanza);
  send(owner->address, std::move(message));
}

void Shard::send(const bus::Address& to, record::BusMessage message) {
  if (!stopped_) world_.bus.send(to, std::move(message));
}

record::Stanza as_answer(const Live& live, const Query& query, record::Stanza answer) {
  answer.set_kind(record::IQ);
  answer.set_id(query.request.id());
  answer.set_from(query.own ? query.request.to() : std::string(live.entity()));
  answer.set_to(query.request.from());
  return answer;
}

void reply(Live& live, const Query& query, record::Stanza answer) {
  answer = as_answer(live, query, std::move(answer));
  if (!query.own) return live.forward(std::move(answer));
  for (auto* session : live.sessions())
    if (session->id == query.session) return live.deliver(*session, answer);
}

}  // namespace iris::shard
