#include "module/presence.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "module/block_rows.h"
#include "module/roster_rows.h"
#include "module/routing.h"
#include "shard/jid_text.h"
#include "xmpp/stanza.h"

namespace iris::module {
namespace {

using shard::bare_of;
using shard::resource_of;

// Id of the probes that a server makes of its own accord (§4.3.1). Between accounts of one server the text asks for no
// probe at all, so they go from the full JID, to spare the other sessions the answers, and none is answered by "away"
// or "not yours". A client that uses the same id gets as little.
constexpr std::string_view kLoginProbe = "login";

std::string full_jid(const shard::Live& live, const shard::Registration& session) {
  return std::string(live.entity()) + '/' + session.resource;
}

void deliver(shard::Live& live, const shard::Registration& session, record::Stanza stanza) {
  stanza.set_to(full_jid(live, session));
  live.deliver(session, stanza);
}

void forward(shard::Live& live, record::Stanza stanza, std::string_view to) {
  if (!is_local(bare_of(to), live.options()) || is_blocked(live.state(), live.entity(), to)) return;
  stanza.set_to(std::string(to));
  live.forward(std::move(stanza));
}

// §4.7.2.3. What is no priority was refused when the stanza was read.
std::int32_t priority_of(const record::Stanza& stanza) {
  auto inner = parse_inner(stanza);
  return inner ? xmpp::presence_priority(*inner).value_or(0) : 0;
}

void to_own_sessions(shard::Live& live, const record::Stanza& stanza) {
  for (auto* session : live.sessions())
    if (session->available) deliver(live, *session, stanza);
}

// §4.2.2, §4.4.2, §4.5.2: to the contacts with a subscription from us.
void to_subscribers(shard::Live& live, const record::Stanza& stanza) {
  each_contact(live.state(), [&](std::string_view contact, const record::RosterRow& row) {
    if (row.from()) forward(live, stanza, contact);
  });
}

// §4.3.1
void probe(shard::Live& live, const shard::Registration& session, std::string_view contact) {
  auto probe = presence("probe", full_jid(live, session), {});
  probe.set_id(std::string(kLoginProbe));
  forward(live, std::move(probe), contact);
}

void probe_contacts(shard::Live& live, const shard::Registration& session) {
  each_contact(live.state(), [&](std::string_view contact, const record::RosterRow& row) {
    if (row.to()) probe(live, session, contact);
  });
}

// §3.1.3: what has not been answered is asked again at each login.
void show_requests(shard::Live& live, const shard::Registration& session) {
  each_contact(live.state(), [&](std::string_view contact, const record::RosterRow& row) {
    if (!row.ask_in() || row.ask_stanza().empty() || is_blocked(live.state(), live.entity(), contact)) return;
    record::Stanza request;
    IRIS_CHECK(request.ParseFromString(row.ask_stanza()));
    live.deliver(session, request);
  });
}

void become_available(shard::Live& live, shard::Registration& session, const record::Stanza& stanza) {
  bool initial = !session.available;
  bool entitled = session.entitled();
  session.available = true;
  session.priority = priority_of(stanza);
  session.presence = stanza;
  to_own_sessions(live, stanza);  // §4.2.2: including the one that it comes from
  if (initial) {
    for (auto* other : live.sessions())
      if (other != &session && other->available) deliver(live, session, other->presence.get());
    probe_contacts(live, session);
    show_requests(live, session);
  }
  to_subscribers(live, stanza);
  if (session.entitled() && !entitled) live.open_inbox(session);
}

// §4.5.2, and §4.6.3 for those whom directed presence has reached.
void become_unavailable(shard::Live& live, shard::Registration& session, const record::Stanza& stanza) {
  bool broadcast = std::exchange(session.available, false);
  if (broadcast) {
    session.presence = stanza;
    to_own_sessions(live, stanza);
    to_subscribers(live, stanza);
  }
  for (const auto& jid : std::exchange(session.directed, {})) {
    bool told = broadcast && find_contact(live.state(), bare_of(jid)).from();
    if (!told) forward(live, stanza, jid);
  }
}

void direct(shard::Live& live, shard::Registration& session, const record::Stanza& stanza) {
  const auto& to = stanza.to();
  bool leaving = stanza.type() == "unavailable";
  if (bare_of(to) == live.entity()) {
    for (auto* other : live.sessions())
      if (resource_of(to).empty() ? other->available : other->resource == resource_of(to)) live.deliver(*other, stanza);
    return;
  }
  auto& directed = session.directed;
  std::erase(directed, to);
  // §4.6.3: whoever gets the broadcast, gets its end. Beyond the limit the oldest is forgotten.
  bool broadcast = session.available && find_contact(live.state(), bare_of(to)).from();
  if (!leaving && !broadcast) {
    if (directed.size() >= live.options().directed_presences_max) directed.erase(directed.begin());
    directed.push_back(to);
  }
  forward(live, stanza, to);
}

// No more than that a resource is there, or is not (§4.3.2, §4.6.6).
void answer_about(shard::Live& live, const record::Stanza& probe, const shard::Registration* session) {
  auto answer = presence(session ? "" : "unavailable", probe.to(), {});
  answer.set_id(session ? session->presence.get().id() : probe.id());  // §4.3.2.1
  forward(live, std::move(answer), probe.from());
}

shard::Registration* session_of(shard::Live& live, std::string_view resource) {
  for (auto* session : live.sessions())
    if (session->resource == resource) return session;
  return nullptr;
}

// §4.3.2 rule 1, unless directed presence says otherwise (§4.6.6). The same for an account that does not exist
// (§8.5.1). It ends no subscription, for the shards keep both sides in step.
void answer_stranger(shard::Live& live, const record::Stanza& probe) {
  const auto resource = resource_of(probe.to());
  const auto* session = resource.empty() ? nullptr : session_of(live, resource);
  if (session && has_directed_to(*session, probe.from())) return answer_about(live, probe, session);
  auto answer = presence("unsubscribed", live.entity(), {});
  answer.set_id(probe.id());
  forward(live, std::move(answer), probe.from());
}

// §4.3.2. One is subscribed to oneself.
void answer_probe(shard::Live& live, const record::Stanza& probe) {
  const bool login = probe.id() == kLoginProbe;
  const auto asker = bare_of(probe.from());
  if (asker != live.entity() && !find_contact(live.state(), asker).from()) {
    if (!login) answer_stranger(live, probe);
    return;
  }
  const auto resource = resource_of(probe.to());
  if (!resource.empty()) {
    auto* session = session_of(live, resource);
    return answer_about(live, probe, session && session->available ? session : nullptr);
  }
  bool any = false;
  for (auto* session : live.sessions())
    if (session->available) any = true, forward(live, session->presence.get(), probe.from());
  if (any || login) return;
  auto answer = presence("unavailable", live.entity(), {});
  answer.set_id(probe.id());
  forward(live, std::move(answer), probe.from());
}

// §4.6.1: whoever has left needs no word that the user leaves.
void forget_directed(shard::Live& live, std::string_view gone) {
  for (auto* session : live.sessions())
    std::erase_if(session->directed,
                  [&](const std::string& to) { return to == gone || (shard::is_bare(gone) && bare_of(to) == gone); });
}

class Presence final : public shard::Module {
 public:
  std::string_view name() const override { return "presence"; }

  bool on_presence(shard::Live& live, shard::Registration& session, const record::Stanza& stanza) override {
    const auto& type = stanza.type();
    if (type == "probe" || type == "error") {
      if (!stanza.to().empty()) forward(live, stanza, stanza.to());
    } else if (!type.empty() && type != "unavailable") {
      return false;
    } else if (!stanza.to().empty()) {
      direct(live, session, stanza);
    } else if (type.empty()) {
      become_available(live, session, stanza);
    } else {
      if (session.available) deliver(live, session, stanza);  // §4.5.2: the one that has said it hears it too
      become_unavailable(live, session, stanza);
    }
    return true;
  }

  // §4.2.3, §4.4.3, §4.5.3, §4.6.4: presence of a contact and directed presence are the same to the one who gets it.
  // §8.5.2.1.2, §8.5.3: a bare JID stays as it is.
  bool on_presence_in(shard::Live& live, const record::Stanza& stanza) override {
    const auto& type = stanza.type();
    auto resource = resource_of(stanza.to());
    if (type == "probe") {
      answer_probe(live, stanza);
      return true;
    }
    if (type == "unavailable") forget_directed(live, stanza.from());
    const bool answer = type == "error" || type == "unsubscribed";  // the latter of a probe: the other kind is logged
    if (!type.empty() && type != "unavailable" && (!answer || resource.empty())) return true;
    for (auto* session : live.sessions())
      if (resource.empty() ? session->available : session->resource == resource) live.deliver(*session, stanza);
    return true;
  }

  // §4.5.1: a session that ends without saying so. One that was replaced under its resource (RFC 6120 §7.7.2.2) is not
  // gone to the eyes of others.
  void on_session_gone(shard::Live& live, shard::Registration& session) override {
    for (const auto* other : live.sessions())
      if (other != &session && other->resource == session.resource && other->available) return;
    become_unavailable(live, session, presence("unavailable", full_jid(live, session), {}));
  }

  // Presence may have been lost between two registrations (rule C5).
  void on_session_registered(shard::Live& live, shard::Registration& session) override {
    if (session.available) probe_contacts(live, session);
  }
};

}  // namespace

bool has_directed_to(const shard::Registration& session, std::string_view jid) {
  auto in = [&](std::string_view one) { return std::ranges::find(session.directed, one) != session.directed.end(); };
  return in(jid) || in(bare_of(jid));
}

void send_presence_to(shard::Live& live, const std::string& contact) {
  for (auto* session : live.sessions())
    if (session->available) forward(live, session->presence.get(), contact);
}

void send_unavailable_to(shard::Live& live, const std::string& contact) {
  for (auto* session : live.sessions())
    if (session->available) forward(live, presence("unavailable", full_jid(live, *session), {}), contact);
}

void send_probes_to(shard::Live& live, const std::string& contact) {
  for (auto* session : live.sessions())
    if (session->available) probe(live, *session, contact);
}

std::unique_ptr<shard::Module> make_presence() { return std::make_unique<Presence>(); }

}  // namespace iris::module
