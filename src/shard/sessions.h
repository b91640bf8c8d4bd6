// The sessions of one entity that are registered now, and what is delivered to them (rules C3, C4). Soft: rebuilt from
// registrations after a takeover. What is due is read from the archive rows, so a lost Bus message loses nothing.
//
// Each session has two chains, each growing in stamps: the inbox chain (rows due to every entitled session, begun when
// the session first becomes available with a priority that is not negative) and the direct chain (rows due to this
// resource, or to sessions that have requested the roster, and copies for those that have enabled carbons). A delivery
// names the stamp before it on its chain.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/queue.h"
#include "base/result.h"
#include "io/loop.h"
#include "record/record.pb.h"
#include "shard/carbons.h"
#include "shard/live.h"

namespace iris::shard {

struct ChainState {
  bool open = false;
  base::Stamp sent;      // last stamp delivered; the edge has it or will find the gap
  base::Stamp read;      // rows up to here were considered; >= sent
  base::Stamp received;  // confirmed by the edge
  base::Stamp acked;     // proven received by the client
  base::Queue<base::Stamp> unconfirmed;
  std::string newest;  // encoded newest delivery, to be repeated while unconfirmed
};

struct Session : Registration {
  ChainState direct;
  ChainState inbox;
  base::Stamp inbox_begin;                 // where the inbox chain was begun
  std::optional<base::Stamp> inbox_first;  // and where at first, should its edge have got nothing of it
  base::Stamp inbox_lost;                  // sent up to here, and its edge had not got it all when it registered
  base::Stamp opened_at;                   // inbox rows up to here are due only if they are kept for offline
  bool behind = false;                     // rows are due that must be read from the store
  bool reading = false;
  base::Stamp started;                  // of its SessionStart
  bool inbox_current = false;           // entitled since the inbox chain was begun
  std::uint64_t presence_sequence = 0;  // C5: last one taken
  Copies copies;                        // with `carbons`
  base::Duration repeat_wait{};
  base::SteadyTime repeat_at{};
  std::size_t unconfirmed() const { return direct.unconfirmed.size() + inbox.unconfirmed.size(); }
};

// What the sessions need of their shard. All on the shard's loop.
class SessionsPort {
 public:
  virtual ~SessionsPort() = default;
  virtual const Options& options() const = 0;
  virtual std::string_view entity() const = 0;  // bare JID
  virtual io::Loop& loop() = 0;
  virtual std::int64_t epoch() const = 0;
  virtual void send(const bus::Address& to, record::BusMessage message) = 0;
  virtual std::vector<std::string> render(const record::ArchiveRow& row, base::Stamp stamp, bool late) = 0;
  virtual std::string render_copy(const record::ArchiveRow& row, base::Stamp stamp, std::string_view resource) = 0;
  // Archive rows of this entity in (after, through], oldest first, where through is what was applied when the call was
  // made, given back; waits until that is persisted. The entity stays loaded meanwhile.
  struct Rows {
    std::vector<std::pair<base::Stamp, record::ArchiveRow>> rows;
    base::Stamp through;
    bool more = false;
  };
  virtual void read_rows(base::Stamp after, std::size_t rows_max, base::Callback<void(base::Result<Rows>)> done) = 0;
  virtual base::Stamp last_row() const = 0;  // stamp of the newest archive row, or an upper bound
  virtual base::Stamp applied() const = 0;
  virtual void offline_position_moved() = 0;
};

class Sessions {
 public:
  explicit Sessions(SessionsPort& port) : port_(port) {}

  // Tells the session's edge that it is registered, and which presence was taken last.
  void answer(const Session& session);
  // `started`: stamp of the session's SessionStart. Begins to deliver what is due.
  Session& put(const record::SessionRef& ref, const record::Register& registration, base::Stamp started);
  void progress(Session& session, const record::Progress& progress);
  void open_inbox(Session& session);
  void close_inbox(Session& session);  // not entitled, or no longer
  void set_carbons(Session& session, bool on);
  void erase(const base::SessionId& id);

  // A row was applied: to every session that is due and keeps up.
  void row(base::Stamp stamp, const record::ArchiveRow& row);
  void tick(base::SteadyTime now);
  bool is_quiet() const;  // nothing to be read or repeated: the tick would do nothing

  Session* find(const base::SessionId& id);
  Session* find_resource(std::string_view resource);
  std::vector<Registration*> all();
  bool empty() const { return sessions_.empty(); }
  std::size_t size() const { return sessions_.size(); }

  base::Stamp offline_position() const { return offline_position_; }
  void load_offline_position(base::Stamp position) { offline_position_ = std::max(offline_position_, position); }

 private:
  // Entitled to the inbox from now on, or no longer; `considered`: as of before. False: it was so already.
  static bool turn_inbox(Session& session, bool current, base::Stamp considered);
  void register_carbons(Session& session, const record::Register& registration, bool known);
  bool is_copied_to(const Session& session, const record::ArchiveRow& row) const;
  base::Stamp considered(const Session& session) const;
  bool due(const Session& session, const ChainState& chain, base::Stamp stamp, const record::ArchiveRow& row) const;
  void deliver(Session& session, record::Chain chain, base::Stamp stamp, const record::ArchiveRow& row, bool late);
  void send_deliver(Session& session, record::Chain chain, base::Stamp stamp, std::vector<std::string> xml,
                    const record::Stanza& stanza);
  bool offer(Session& session, base::Stamp stamp, const record::ArchiveRow& row, bool late);
  void read_on(Session& session);
  void have_read(const base::SessionId& id, std::uint64_t number, base::Stamp after,
                 base::Result<SessionsPort::Rows> rows);
  void acked(Session& session, base::Stamp direct, base::Stamp inbox);

  SessionsPort& port_;
  std::vector<std::unique_ptr<Session>> sessions_;  // in order of registration
  base::Stamp offline_position_;
};

}  // namespace iris::shard
