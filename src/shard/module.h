// What an account can do: one feature, one pair of files in module/, one line in module/registry.cc. A module keeps no
// state of its own between calls: all is in the entity's State (logged) or its sessions (soft). One instance serves one
// loop. Hooks run in registry order; a hook that returns true has taken the stanza and stops the chain.
#pragma once
#include <span>
#include <string_view>

#include "shard/apply.h"
#include "shard/live.h"

namespace iris::shard {

class Module {
 public:
  virtual ~Module() = default;
  virtual std::string_view name() const = 0;
  // Advertised by disco on the bare JID.
  virtual std::span<const std::string_view> features() const { return {}; }
  // Advertised by disco on the server's own domain, where the edge answers.
  virtual std::span<const std::string_view> domain_features() const { return {}; }

  // ---- logged: deterministic (see Apply). The chain check (C1), dedup (C2) and source check (S1) have passed.
  // Who returns true may have taken the stanza out of the record; who returns false has left it whole.
  // A stanza of the account's own client, in the account's partition.
  virtual bool on_submit(Apply&, record::Submit&) { return false; }
  // A stanza for this entity, emitted by its sender's shard.
  virtual bool on_inbound(Apply&, record::Inbound&) { return false; }
  virtual bool on_account_change(Apply&, const record::AccountChange&) { return false; }

  // ---- soft
  // IQ get or set to the bare JID (logged sets never come here). Answer through live.deliver/forward: see reply().
  virtual bool on_query(Live&, Query&) { return false; }
  // Presence from the account's own session: available, unavailable, probe; directed when stanza.to is set. The
  // registration's soft fields are updated by the module that takes it.
  virtual bool on_presence(Live&, Registration&, const record::Stanza&) { return false; }
  // A message or IQ that is not logged: of the account's own session, on its way to someone else; and from elsewhere,
  // to the bare or a full JID, before it is routed (RFC 6121 §8.5).
  virtual bool on_soft(Live&, Registration&, const record::Stanza&) { return false; }
  virtual bool on_soft_in(Live&, const record::Stanza&) { return false; }
  // Soft presence from elsewhere to this entity (broadcast, probe, directed).
  virtual bool on_presence_in(Live&, const record::Stanza&) { return false; }
  // A session has ended or its edge died; it is still in `live.sessions()`.
  virtual void on_session_gone(Live&, Registration&) {}
  // A session has registered (again): after a takeover soft state is rebuilt here.
  virtual void on_session_registered(Live&, Registration&) {}
};

// Sends the answer to a query's sender: its own session, or whoever asked. `answer` has type result or error, from/to
// are filled here.
void reply(Live& live, const Query& query, record::Stanza answer);
// The answer as it would be sent.
record::Stanza as_answer(const Live& live, const Query& query, record::Stanza answer);

}  // namespace iris::shard
