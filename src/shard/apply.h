// What one record does to its entity. A module reads the state and the record, nothing else: no clock, no chance,
// nobody who is online (rule S3). What it leaves behind is carried out in the order of rule S4.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/callback.h"
#include "base/check.h"
#include "base/ids.h"
#include "bus/bus.h"
#include "record/record.pb.h"
#include "shard/live.h"
#include "shard/options.h"
#include "shard/state.h"

namespace iris::shard {

class Apply {
 public:
  Apply(const Options& options, std::string_view entity, base::Stamp stamp, State& state)
      : options_(options), entity_(entity), stamp_(stamp), state_(state) {
    state_.begin(stamp);
  }

  const Options& options() const { return options_; }
  std::string_view entity() const { return entity_; }  // bare JID
  base::Stamp stamp() const { return stamp_; }         // microseconds since 1970: the record's own time
  State& state() { return state_; }
  const State& state() const { return state_; }
  bool account_exists() const { return state_.find("account") != nullptr; }

  // Takes the record into the entity's inbox: one row, at this record's stamp, at most once per record. The row's flags
  // say to whom it is due; live sessions get it at once. Use `also` for further stanzas to the same sessions.
  void keep(record::ArchiveRow row) {
    IRIS_CHECK(!row_);
    row_ = std::move(row);
  }

  // All rows of the inbox that were taken before this record are deleted, with the position that was read up to.
  void forget_rows() { forgets_rows_ = true; }

  // A record for another entity (or the same): durable, once, in this entity's order (rules S1, S2).
  void emit(std::string to_bare, record::Inbound inbound) {
    emissions_.push_back({std::move(to_bare), std::move(inbound)});
  }

  // Answers to the session or edge that caused the record. Soft: sent over the Bus when all of this record's effects
  // are persisted (rule D3), not repeated on replay.
  void answer(const record::SessionRef& session, record::Stanza stanza) {
    answers_.push_back({session, std::move(stanza)});
  }
  void notify(bus::Address to, record::BusMessage message) { notices_.push_back({std::move(to), std::move(message)}); }

  // Something soft that follows from the record, such as presence to a contact who has just been approved: run when the
  // record has been applied, after its deliveries were handed to the sessions; never on replay. It may do what a soft
  // hook may do. Owns what it needs.
  void afterwards(base::Callback<void(Live&)> soft) { afterwards_.push_back(std::move(soft)); }

  // The same for what others must be told before they get what this record emits: run before the emissions are handed
  // on and before any session gets its row. Only for Live::forward. On its way over the Bus it may get lost, or come
  // late where brokers carry it: a record waits for nothing that is soft.
  void beforehand(base::Callback<void(Live&)> soft) { beforehand_.push_back(std::move(soft)); }

  struct Emitted {
    std::string to_bare;
    record::Inbound inbound;
  };
  struct Answer {
    record::SessionRef session;
    record::Stanza stanza;
  };
  struct Notice {
    bus::Address to;
    record::BusMessage message;
  };

  // What was left behind so far.
  const std::optional<record::ArchiveRow>& kept() const { return row_; }
  bool forgets_rows() const { return forgets_rows_; }
  const std::vector<Emitted>& emissions() const { return emissions_; }
  const std::vector<Answer>& answers() const { return answers_; }
  const std::vector<Notice>& notices() const { return notices_; }
  std::vector<base::Callback<void(Live&)>> take_beforehand() { return std::exchange(beforehand_, {}); }
  std::vector<base::Callback<void(Live&)>> take_afterwards() { return std::exchange(afterwards_, {}); }

 private:
  friend class Shard;
  const Options& options_;
  std::string_view entity_;
  base::Stamp stamp_;
  State& state_;
  std::optional<record::ArchiveRow> row_;
  bool forgets_rows_ = false;
  std::vector<Emitted> emissions_;
  std::vector<Answer> answers_;
  std::vector<Notice> notices_;
  std::vector<base::Callback<void(Live&)>> beforehand_;
  std::vector<base::Callback<void(Live&)>> afterwards_;
};

}  // namespace iris::shard
