// The soft side of an entity: who is online, and what can be said to them and to others. Lives in memory and on the
// Bus; nothing here may be needed to keep a promise.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/callback.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "bus/bus.h"
#include "record/kept_stanza.h"
#include "record/record.pb.h"
#include "shard/options.h"
#include "shard/state.h"
#include "store/store.h"
#include "xmpp/stanza.h"

namespace iris::shard {

// A session as its account's shard knows it.
struct Registration {
  base::SessionId id;
  bus::Address edge;
  std::string resource;
  std::uint64_t number = 0;  // of the registration (record.proto, Register)
  bool available = false;    // has sent available presence
  std::int32_t priority = 0;
  record::KeptStanza presence;        // as last sent; `from` is the full JID
  bool interested = false;            // has requested the roster
  bool blocklist = false;             // has requested the list of whom the account blocks
  bool carbons = false;               // has enabled carbons (XEP-0280): see set_carbons
  std::vector<std::string> directed;  // JIDs with directed presence standing (RFC 6121 4.6)
  bool entitled() const { return available && priority >= 0; }
};

class Live {
 public:
  virtual ~Live() = default;
  virtual const Options& options() const = 0;
  virtual std::string_view entity() const = 0;  // bare JID
  virtual const State& state() const = 0;       // as applied so far
  virtual base::WallTime now() const = 0;

  // The sessions registered now; good until the next call from outside. Changes are allowed to the soft fields.
  virtual std::vector<Registration*> sessions() = 0;

  // To one session of this account, as it stands (the `to` attribute is the caller's).
  virtual void deliver(const Registration& session, const record::Stanza& stanza) = 0;
  // To one session, of one Bus message: all of it, in this order, or nothing. `instead` goes to a client that takes too
  // little of what it is sent to be given so much.
  virtual void deliver_whole(const Registration& session, const std::vector<record::Stanza>& stanzas,
                             const record::Stanza& instead) = 0;
  // To the entity in stanza.to, wherever it lives: routed at its shard as Module::on_soft says. Never to the domain.
  virtual void forward(record::Stanza stanza) = 0;

  // Begins the inbox chain of a session that has become entitled: what is offline flows to it, then what comes.
  virtual void open_inbox(Registration& session) = 0;

  // Enables or disables carbons for a session: from here on it is given copies, or is not.
  virtual void set_carbons(Registration& session, bool on) = 0;

  // What the world sees of stamps of this archive (stanza-id, archive id).
  virtual std::string archive_id(base::Stamp stamp) const = 0;
  virtual std::optional<base::Stamp> archive_stamp(std::string_view id) const = 0;

  // Rows of the archive table, newest state: what is applied but not yet persisted is waited for (rule D3). Completes
  // on the shard's loop; `live` given to the completion is this entity again (it is pinned meanwhile). One at a time;
  // `overloaded`: archive_queries_max wait already.
  virtual void scan_archive(store::Range range, base::Callback<void(Live&, base::Result<store::Page>)> done) = 0;
};

// An IQ get or set to this bare JID, from a session of its own (`own`) or from someone else (full JID in request.from).
// Exactly one of result/error must be called, now or later; it may outlive on_query (move it).
struct Query {
  record::Stanza request;
  bool own = false;
  base::SessionId session;  // own: the session that asked
  xmpp::Stanza payload;     // the request's children, parsed once
  std::string child_name;   // of the first child
  std::string child_ns;
};

}  // namespace iris::shard
