// One account (later: room) as its shard holds it: state loaded on the first record, pinned while it has sessions or
// work, dropped when idle. Owned by its Shard, on the shard's loop.
#pragma once
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/queue.h"
#include "record/record.pb.h"
#include "shard/live.h"
#include "shard/sessions.h"
#include "shard/state.h"
#include "shard/window.h"

namespace iris::shard {

class Shard;

// A record that waits for its entity.
struct Waiting {
  Window::Ticket ticket;
  base::Stamp stamp;
  base::Offset offset;
  record::Record record;
  base::SteadyTime fed{};  // when the log handed it to us
};

class Entity final : public Live, public SessionsPort {
 public:
  Entity(Shard& shard, std::string jid) : shard_(shard), jid_(std::move(jid)), sessions_(*this) {}

  // Live
  const Options& options() const override;
  std::string_view entity() const override { return jid_; }
  const State& state() const override { return state_; }
  base::WallTime now() const override;
  std::vector<Registration*> sessions() override { return sessions_.all(); }
  void deliver(const Registration& session, const record::Stanza& stanza) override;
  void deliver_whole(const Registration& session, const std::vector<record::Stanza>& stanzas,
                     const record::Stanza& instead) override;
  void forward(record::Stanza stanza) override;
  void open_inbox(Registration& session) override;
  void set_carbons(Registration& session, bool on) override;
  std::string archive_id(base::Stamp stamp) const override;
  std::optional<base::Stamp> archive_stamp(std::string_view id) const override;
  void scan_archive(store::Range range, base::Callback<void(Live&, base::Result<store::Page>)> done) override;

  // SessionsPort
  io::Loop& loop() override;
  std::int64_t epoch() const override;
  void send(const bus::Address& to, record::BusMessage message) override;
  std::vector<std::string> render(const record::ArchiveRow& row, base::Stamp stamp, bool late) override;
  std::string render_copy(const record::ArchiveRow& row, base::Stamp stamp, std::string_view resource) override;
  void read_rows(base::Stamp after, std::size_t rows_max, base::Callback<void(base::Result<Rows>)> done) override;
  base::Stamp last_row() const override { return last_row_; }
  base::Stamp applied() const override { return applied_; }
  void offline_position_moved() override { cursor_dirty_ = true; }

  // Nobody is there and nothing is under way: it may be dropped.
  bool is_idle() const { return is_at_rest() && sessions_.empty(); }
  // Somebody is there and nothing is under way, which is how most entities are most of the time: the tick passes it by
  // until something comes for it.
  bool is_quiet() const {
    return is_at_rest() && !sessions_.empty() && sessions_.is_quiet() && acked_until_ == base::SteadyTime{} &&
           grace_until_ == base::SteadyTime{};
  }

 private:
  friend class Shard;

  bool is_at_rest() const {
    return ready_ && mailbox_.empty() && soft_.empty() && waiters_.empty() && pins_ == 0 &&
           steps_begun_ == steps_persisted_ && state_.changes().empty() && !in_step_ && !cursor_dirty_;
  }

  void send_soft(const Registration& session, record::Soft soft);  // its number is filled in here
  // Soft carbons: to those who have enabled them and whom it does not reach otherwise.
  void deliver_copy(const Registration& session, const record::Stanza& message);
  bool is_copied(const record::Stanza& message) const;
  std::string stanza_id(const record::ArchiveRow& row, base::Stamp stamp) const;
  // What was kept for an account of the same name that was removed is not due to this one.
  void forget_former_account();
  bool has_applied(base::Offset offset) const;
  void when_applied(base::Offset offset, base::Callback<void()> then);
  void when_persisted(base::Callback<void()> then);
  void begin_scan(store::Range range, base::Callback<void(Live&, base::Result<store::Page>)> done);

  Shard& shard_;
  std::string jid_;
  State state_;
  Sessions sessions_;
  bool ready_ = false;
  bool awake_ = false;     // the tick looks at it
  bool poisoned_ = false;  // its state cannot be read: its records are parked (rule S6)
  unsigned load_failures_ = 0;
  base::Stamp applied_;                   // this and every earlier record of the entity is in state_
  base::Stamp last_row_;                  // newest archive row, or an upper bound
  base::Queue<Waiting> mailbox_;          // records while loading
  base::Queue<record::BusMessage> soft_;  // Bus messages while loading
  struct AppliedWaiter {
    base::Offset offset;
    base::Callback<void()> then;
  };
  std::vector<AppliedWaiter> waiters_;
  struct PersistWaiter {
    std::uint64_t step;
    base::Callback<void()> then;
  };
  base::Queue<PersistWaiter> persist_waiters_;
  std::uint64_t steps_begun_ = 0;  // steps handed to the committer that touch this entity
  std::uint64_t steps_persisted_ = 0;
  bool in_step_ = false;  // touched by the step that is being filled
  unsigned pins_ = 0;     // reads under way
  struct Scan {
    store::Range range;
    base::Callback<void(Live&, base::Result<store::Page>)> done;
  };
  base::Queue<Scan> scans_waiting_;
  bool scanning_ = false;
  bool cursor_dirty_ = false;
  bool cursor_writing_ = false;
  base::Stamp offline_read_;  // as last appended: OfflineRead
  base::SteadyTime used_at_{};
  base::SteadyTime acked_until_{};  // C4: then what clients have acked of pending rows goes to the log; zero: nothing
  base::SteadyTime grace_until_{};  // O2: sessions in the log when it was loaded may register until then; zero: over
  base::Stamp loaded_at_;           // applied as of the load
  // C5: the last emission to each recent recipient, which soft stanzas to it must not overtake.
  struct Emitted {
    std::string to_bare;
    record::Source source;
  };
  base::Queue<Emitted> recent_emissions_;
  CopiedOfLate copied_of_late_;
};

}  // namespace iris::shard
