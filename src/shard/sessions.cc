#include "shard/sessions.h"

#include <algorithm>

#include "record/codec.h"
#include "shard/session_rows.h"

namespace iris::shard {
namespace {

base::Stamp stamp(std::uint64_t value) { return base::Stamp{value}; }

// Rows up to here were considered for every chain that is open.
base::Stamp read_by(const Session& session) {
  if (session.inbox.open && session.entitled()) return std::min(session.direct.read, session.inbox.read);
  return session.direct.read;
}

void confirm(ChainState& chain, base::Stamp received) {
  chain.received = std::max(chain.received, received);
  while (!chain.unconfirmed.empty() && chain.unconfirmed.front() <= received) chain.unconfirmed.pop_front();
  if (chain.unconfirmed.empty()) chain.newest.clear();
}

void restart(ChainState& chain, bool open, base::Stamp last) {
  chain.open = open;
  chain.sent = chain.read = chain.received = last;
  chain.unconfirmed.clear();
  chain.newest.clear();
}

bool is_addressed(const Session& session, const record::ArchiveRow& row) {
  return (!row.resource().empty() && row.resource() == session.resource) || (row.interested() && session.interested) ||
         (row.blocklist() && session.blocklist);
}

}  // namespace

Session& Sessions::put(const record::SessionRef& ref, const record::Register& in, base::Stamp started) {
  auto* session = find(session_id(ref));
  const bool known = session != nullptr;
  if (session && session->number == in.number()) {  // repeated: the answer was lost, the deliveries go on
    return *session;
  }
  if (!session) session = sessions_.emplace_back(std::make_unique<Session>()).get();
  const auto considered_before = considered(*session);
  session->id = session_id(ref);
  session->edge = {in.edge().node(), in.edge().loop()};
  session->resource = in.resource();
  session->number = in.number();
  session->available = in.available();
  session->priority = in.priority();
  session->presence = in.presence_stanza();
  session->interested = in.interested();
  session->blocklist = in.blocklist();
  session->directed.clear();
  for (const auto& directed : in.directed()) session->directed.push_back(directed.to());
  restart(session->direct, true, in.direct_last() ? stamp(in.direct_last()) : started);
  session->inbox_lost = std::max(session->inbox_lost, session->inbox.sent);
  restart(session->inbox, in.inbox_open(), stamp(in.inbox_last()));
  if (session->inbox.open && session->inbox.read.value == 0) {
    if (!session->inbox_first) session->inbox_first = offline_position_;
    session->inbox.read = session->inbox_begin = *session->inbox_first;
  }
  // An inbox that was begun again beyond what its edge has got goes on from there after all.
#ifndef IRIS_BUG_INBOX_BEGUN_BEYOND
  if (session->inbox.open) session->inbox_begin = std::min(session->inbox_begin, session->inbox.read);
#endif
  session->started = started;
  // What its edge has not got is considered anew: for the inbox, if it is entitled, or to be copied.
  const bool current = session->inbox.open && session->entitled();
  turn_inbox(*session, current, current ? considered_before : session->direct.read);
  register_carbons(*session, in, known);
  session->opened_at = session->inbox.open && in.inbox_last() == 0 ? port_.applied() : base::Stamp{};
  session->reading = false;
  session->repeat_wait = port_.options().repeat_after;
  acked(*session, stamp(in.direct_acked()), stamp(in.inbox_acked()));

  session->behind = read_by(*session) < port_.last_row();
  read_on(*session);
  return *session;
}

void Sessions::answer(const Session& session) {
  record::BusMessage message;
  *message.mutable_session() = session_ref(session.id);
  auto* out = message.mutable_registered();
  out->set_number(session.number);
  out->set_epoch(port_.epoch());
  out->set_direct_start(session.started.value);
  out->set_presence_sequence(session.presence_sequence);
  port_.send(session.edge, std::move(message));
}

void Sessions::progress(Session& session, const record::Progress& in) {
  if (in.number() != session.number) return;  // of an older registration: its lasts came with the newer one
  confirm(session.direct, stamp(in.direct_received()));
  confirm(session.inbox, stamp(in.inbox_received()));
  session.copies.inbox_received(stamp(in.inbox_received()));
  session.repeat_wait = port_.options().repeat_after;
  acked(session, stamp(in.direct_acked()), stamp(in.inbox_acked()));
  read_on(session);
}

void Sessions::acked(Session& session, base::Stamp direct, base::Stamp inbox) {
  session.direct.acked = std::max(session.direct.acked, direct);
  session.inbox.acked = std::max(session.inbox.acked, inbox);
  // C4: the greatest cursor among the entitled.
  if (session.inbox.acked > offline_position_) {
    offline_position_ = session.inbox.acked;
    port_.offline_position_moved();
  }
}

void Sessions::open_inbox(Session& session) {
  if (!turn_inbox(session, true, considered(session))) return;  // its registration has begun it
  session.inbox.open = true;
  session.direct.read = considered(session);  // though it may have to read from the store again, for its inbox
  session.opened_at = port_.applied();
  // What others have read meanwhile is left out, but not what was on its way to this one.
  const bool owed = session.inbox.sent < session.inbox_lost;
  session.inbox.read = session.inbox_begin =
      std::max(owed ? session.inbox_first.value_or(offline_position_) : offline_position_, session.inbox.sent);
  if (!session.inbox_first) session.inbox_first = session.inbox_begin;
  if (session.carbons && session.inbox.read > session.inbox.sent)
    session.copies.inbox_skips(session.inbox.sent, session.inbox.read);
  // An empty delivery anchors the chain, so that the edge knows where it began even if nothing follows.
  if (session.inbox.read > session.inbox.sent) send_deliver(session, record::INBOX, session.inbox.read, {}, {});
  session.behind = session.behind || session.inbox.read < port_.last_row();
  read_on(session);
}

void Sessions::close_inbox(Session& session) { turn_inbox(session, false, considered(session)); }

bool Sessions::turn_inbox(Session& session, bool current, base::Stamp considered) {
  if (std::exchange(session.inbox_current, current) == current) return false;
  if (!session.carbons) return true;
  if (current)
    session.copies.entitled(considered);
  else
    session.copies.not_entitled(considered);
  return true;
}

// An empty delivery tells the edge from where on: so would a new owner know it, who reads the rows again.
void Sessions::set_carbons(Session& session, bool on) {
  if (std::exchange(session.carbons, on) == on) return;
  if (!on) return session.copies.disable();
  auto at = considered(session);
  session.copies.enable(at);
  if (at > session.direct.sent) send_deliver(session, record::DIRECT, at, {}, {});
}

void Sessions::register_carbons(Session& session, const record::Register& in, bool known) {
  const bool before = std::exchange(session.carbons, in.carbons());
  if (!session.carbons)
    session.copies.disable();
  else if (!known)
    session.copies.restore(in.copied(), session.direct.read, stamp(in.inbox_last()));
  else if (!before)
    session.copies.enable(port_.applied());  // its request got lost
  else
    session.copies.begin_again(session.direct.read, stamp(in.inbox_last()), !session.inbox_current);
}

// Rows up to here were considered for the session's chains; those above will be, as it stands now.
base::Stamp Sessions::considered(const Session& session) const {
  return session.behind ? session.direct.read : port_.applied();
}

void Sessions::erase(const base::SessionId& id) {
  std::erase_if(sessions_, [&](const auto& session) { return session->id == id; });
}

bool Sessions::due(const Session& session, const ChainState& chain, base::Stamp at,
                   const record::ArchiveRow& row) const {
  if (!chain.open || at <= chain.read) return false;
  const bool inbox_has =
      row.inbox() && session.entitled() && at > session.inbox_begin && (at > session.opened_at || row.offline());
  if (&chain == &session.inbox) return inbox_has;
  return is_addressed(session, row) || (is_copied_to(session, row) && session.copies.due(at, row, inbox_has));
}

// XEP-0280 §8: not to the one that has sent it.
bool Sessions::is_copied_to(const Session& session, const record::ArchiveRow& row) const {
  return row.carbon() && session.carbons && !is_sent_by(row.stanza(), port_.entity(), session.resource);
}

bool Sessions::offer(Session& session, base::Stamp at, const record::ArchiveRow& row, bool late) {
  for (auto chain : {record::DIRECT, record::INBOX}) {
    auto& state = chain == record::DIRECT ? session.direct : session.inbox;
    if (!due(session, state, at, row)) continue;
    if (session.unconfirmed() >= port_.options().window) return false;
    deliver(session, chain, at, row, late);
    return true;  // due on one chain only: a stanza is written to a session once
  }
  return true;
}

void Sessions::row(base::Stamp at, const record::ArchiveRow& row) {
  for (auto& session : sessions_) {
    if (session->behind) continue;
    if (offer(*session, at, row, false)) continue;
    // The edge does not confirm: from here on this session reads from the store, when it does.
    session->behind = true;
    session->direct.read = std::max(session->direct.read, base::Stamp{at.value - 1});
    if (session->inbox.open && session->entitled())
      session->inbox.read = std::max(session->inbox.read, base::Stamp{at.value - 1});
  }
}

void Sessions::deliver(Session& session, record::Chain chain, base::Stamp at, const record::ArchiveRow& row,
                       bool late) {
  std::vector<std::string> xml;
  if (chain == record::DIRECT && !is_addressed(session, row)) {
    session.copies.note(at, row);
    xml.push_back(port_.render_copy(row, at, session.resource));
  } else if (chain == record::DIRECT || !is_copied_to(session, row) || !session.copies.had(at, row)) {
    xml = port_.render(row, at, late);
  }
  send_deliver(session, chain, at, std::move(xml), row.stanza());
}

void Sessions::send_deliver(Session& session, record::Chain chain, base::Stamp at, std::vector<std::string> xml,
                            const record::Stanza& stanza) {
  auto& state = chain == record::DIRECT ? session.direct : session.inbox;
  record::BusMessage message;
  *message.mutable_session() = session_ref(session.id);
  auto* out = message.mutable_deliver();
  out->set_number(session.number);
  out->set_epoch(port_.epoch());
  out->set_chain(chain);
  out->set_previous(state.sent.value);
  out->set_stamp(at.value);
  out->set_kind(stanza.kind());
  out->set_trace(stanza.trace());
  if (session.carbons && chain == record::DIRECT) *out->mutable_copied() = session.copies.said();
  if (session.carbons && chain == record::INBOX) out->set_after_direct(session.direct.sent.value);
  for (auto& one : xml) out->add_xml(std::move(one));
  if (session.unconfirmed() == 0) session.repeat_at = port_.loop().clock().steady() + session.repeat_wait;
  state.sent = state.read = at;
  state.unconfirmed.push_back(at);
  state.newest = record::encode(message);
  port_.send(session.edge, std::move(message));
}

void Sessions::read_on(Session& session) {
  if (!session.behind || session.reading || session.unconfirmed() > port_.options().window / 2) return;
  session.reading = true;
  auto after = read_by(session);
  port_.read_rows(after, port_.options().window,
                  [this, id = session.id, number = session.number, after](base::Result<SessionsPort::Rows> rows) {
                    have_read(id, number, after, std::move(rows));
                  });
}

void Sessions::have_read(const base::SessionId& id, std::uint64_t number, base::Stamp after,
                         base::Result<SessionsPort::Rows> rows) {
  auto* session = find(id);
  if (!session) return;
  session->reading = false;
  // Registered again, or its inbox chain was begun at an older row, while this was read: what was read does not cover
  // it.
  if (session->number != number || read_by(*session) < after) return read_on(*session);
  if (!rows) {
    // The store does not answer now; the tick tries again, live sessions go on.
    return;
  }
  auto reached = [&](base::Stamp at) {
    session->direct.read = std::max(session->direct.read, at);
    if (session->inbox.open && session->entitled()) session->inbox.read = std::max(session->inbox.read, at);
  };
  for (const auto& [at, row] : rows->rows) {
    if (!offer(*session, at, row, true)) return;  // the window is full: progress reads on from here
    reached(at);
  }
  if (!rows->more) {
    reached(rows->through);
    session->behind = rows->through < port_.last_row();
  }
  read_on(*session);
}

void Sessions::tick(base::SteadyTime now) {
  for (auto& session : sessions_) {
    if (session->behind) read_on(*session);
    if (session->unconfirmed() == 0 || now < session->repeat_at) continue;
#ifndef IRIS_BUG_LAST_DELIVERY_NOT_REPEATED
    for (const auto* chain : {&session->direct, &session->inbox})
      if (!chain->newest.empty()) port_.send(session->edge, record::decode_bus(chain->newest).value());
#endif
    session->repeat_wait = std::min(session->repeat_wait * 2, port_.options().repeat_max);
    session->repeat_at = now + session->repeat_wait;
  }
}

bool Sessions::is_quiet() const {
  return std::ranges::none_of(
      sessions_, [](const auto& session) { return session->behind || session->reading || session->unconfirmed() > 0; });
}

Session* Sessions::find(const base::SessionId& id) {
  for (auto& session : sessions_)
    if (session->id == id) return session.get();
  return nullptr;
}

Session* Sessions::find_resource(std::string_view resource) {
  for (auto& session : sessions_)
    if (session->resource == resource) return session.get();
  return nullptr;
}

std::vector<Registration*> Sessions::all() {
  std::vector<Registration*> out;
  for (auto& session : sessions_) out.push_back(session.get());
  return out;
}

}  // namespace iris::shard
