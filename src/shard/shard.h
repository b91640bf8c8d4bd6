// The single-threaded owner of one partition: a state machine over its log (docs/engine.md). It is fed durable records,
// stamps them, drops what it has had, applies each to its entity, and hands what follows to the Committer; it answers
// the Bus from what it has applied. Lives on one loop; owned by ShardHost.
//
// It does not know sockets, clients or which implementation of Log, Bus and Store runs.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "bus/owners.h"
#include "io/loop.h"
#include "log/log.h"
#include "shard/archive_id.h"
#include "shard/entity.h"
#include "shard/module.h"
#include "shard/options.h"
#include "shard/sources.h"
#include "shard/stamper.h"
#include "shard/window.h"
#include "store/committer.h"
#include "store/store.h"

namespace iris::shard {

using Modules = std::vector<std::unique_ptr<Module>>;

struct ShardWorld {  // what a shard needs; all outlive it
  io::Loop& loop;
  std::uint32_t loop_number;
  log::Log& log;
  store::Store& store;
  bus::Bus& bus;
  bus::Owners& owners;
  Modules& modules;
};

struct ShardStats {
  std::size_t entities = 0;
  std::size_t sessions = 0;
  std::size_t open_records = 0;     // applied, not persisted
  std::size_t waiting_records = 0;  // in mailboxes, until their entity is loaded
  std::size_t waiting_soft = 0;     // Bus messages for an entity that is being loaded, or held by rule C5
  base::Offset next;
  bool owning = false;
  bool stopped = false;
};

class Shard {
 public:
  Shard(const Options& options, base::PartitionId partition, ShardWorld world,
        std::unique_ptr<store::Committer> committer);
  ~Shard();

  // Takes the partition over (rule O1): reads the checkpoint, appends a takeover, replays up to it. `ready` runs once,
  // with the owner to announce, or with why the partition cannot be served (it stays stopped then).
  void start(base::Callback<void(base::Result<bus::Owner>)> ready);

  // A Bus message for an entity of this partition.
  void on_bus(record::BusMessage&& message);

  // Stops reading the log, waits until all is persisted, writes a checkpoint.
  void stop(base::Callback<void()> done);

  ShardStats stats() const;

 private:
  friend class Entity;
  struct Step;
  using OnRecords = base::Result<std::vector<log::LogRecord>>;

  // shard_start.cc: takeover, checkpoint, stop
  void read_checkpoint();
  void have_checkpoint(record::CheckpointRow row, bool found);
  void take_over();
  void replay_until_takeover(std::vector<log::LogRecord> records);
  void snapshot_if_due();
  void take_snapshot();
  void write_checkpoint_if_ready();
  void trim(base::Offset before);
  void fail(base::Error error);
  void finish_stop_if_ready();

  // shard.cc: feed, dispatch, apply, commit
  void fetch();
  void on_records(OnRecords records);
  bool dispatch(const log::LogRecord& in);
  void on_takeover(const record::Record& record, base::Offset offset);
  Entity& entity(std::string_view jid);
  void load(Entity& entity);
  void load_page(Entity& entity, std::string from, std::shared_ptr<State> state, bool again);
  void loaded(Entity& entity, State state);
  void drain(Entity& entity);
  void apply(Entity& entity, Waiting& waiting);
  void run(Apply& apply, record::Record& record);
  void take(Entity& entity, Waiting& waiting, Apply& apply);
  void park(Entity& entity, Waiting& waiting);
  Step& step();
  void flush();
  void step_emitted(const Step& step);
  void step_persisted(Step& step);
  void run_waiters(Entity& entity);
  void tick();
  void tick(Entity& entity, base::SteadyTime now);
  bool is_over(const Entity& entity, base::SteadyTime now) const;
  void evict(Entity& entity);
  void write_cursor(Entity& entity);

  // shard_bus.cc: soft
  void handle(Entity& entity, record::BusMessage&& message);
  void on_register(Entity& entity, const record::SessionRef& session, const record::Register& in);
  void on_unregister(Entity& entity, const record::SessionRef& session, const record::Unregister& in);
  void on_progress(Entity& entity, const record::SessionRef& session, const record::Progress& in);
  void on_client_stanza(Entity& entity, const record::SessionRef& session, record::Soft&& in);
  void take_presence(Entity& entity, Session& session, std::uint64_t sequence, const record::Stanza& stanza);
  void on_soft(Entity& entity, const record::Stanza& stanza);
  void copy(Entity& entity, const record::Stanza& message, const std::function<bool(const Registration&)>& reached);
  void query(Entity& entity, Query query);
  void hold_or_run(Entity& entity, record::BusMessage&& message);
  bool is_held_back(std::string_view jid) const;
  void release_held(base::SteadyTime now);
  int pending_acked(const Entity& entity, const Session& session) const;
  void append_acked_pending(Entity& entity);
  void append_session_acked(const Entity& entity, const Session& session);
  void append_offline_read(Entity& entity);
  void end_absent_sessions(Entity& entity);
  void append_session_end(const std::string& jid, record::SessionRef session, std::uint64_t acked,
                          const std::string& status);
  void append_soon(record::Record record, base::Duration wait);
  void forward(Entity& from, record::Stanza stanza);
  void send(const bus::Address& to, record::BusMessage message);

  const Options& options_;
  base::PartitionId partition_;
  ShardWorld world_;
  std::unique_ptr<store::Committer> committer_;
  base::Callback<void(base::Result<bus::Owner>)> ready_;
  base::Callback<void()> stopped_done_;

  // By JID. A stranger chooses the JIDs, so the seed of their hash is a secret.
  struct HashJid {
    using is_transparent = void;
    std::uint64_t seed;
    std::size_t operator()(std::string_view jid) const;
    std::size_t operator()(const std::unique_ptr<Entity>& entity) const;
  };
  struct SameJid {
    using is_transparent = void;
    bool operator()(const std::unique_ptr<Entity>& a, const std::unique_ptr<Entity>& b) const { return a == b; }
    bool operator()(std::string_view jid, const std::unique_ptr<Entity>& entity) const;
    bool operator()(const std::unique_ptr<Entity>& entity, std::string_view jid) const { return (*this)(jid, entity); }
  };
  std::unordered_set<std::unique_ptr<Entity>, HashJid, SameJid> entities_;
  std::vector<Entity*> awake_;  // those that the tick looks at
  ArchiveIds archive_ids_;
  Sources sources_;
  Stamper stamper_;
  Window window_;
  std::unique_ptr<Step> step_;
  base::Offset next_{0};                  // the first record not dispatched
  base::Offset fetch_from_{0};            // the first record not fetched
  std::optional<base::Offset> takeover_;  // ours: the epoch
  std::vector<std::int64_t> skips_;       // offsets set aside (rule S6)
  std::deque<log::LogRecord> replay_;     // between checkpoint and takeover
  bool owning_ = false;                   // own takeover applied
  bool fetching_ = false;
  bool stopping_ = false;
  bool stopped_ = false;  // deposed, refused or failed: nothing leaves any more

  struct Snapshot {
    record::CheckpointRow row;
  };
  std::optional<Snapshot> snapshot_;
  bool checkpoint_writing_ = false;
  base::Offset checkpointed_{-1};  // offset of the last durable checkpoint
  base::SteadyTime snapshot_at_{};

  struct Held {
    std::string jid;
    record::BusMessage message;
    base::SteadyTime until;
  };
  std::deque<Held> held_;
  io::TimerId tick_{};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // calls that come back after the end do nothing
};

}  // namespace iris::shard
