#include "shard/shard.h"

#include <xxhash.h>

#include <algorithm>

#include "base/log.h"
#include "record/codec.h"
#include "record/keys.h"
#include "record/partition.h"
#include "shard/dedup.h"
#include "shard/jid_text.h"
#include "shard/metrics.h"
#include "shard/offline.h"
#include "shard/session_rows.h"
#include "shard/stanzas.h"
#include "shard/step.h"

namespace iris::shard {
namespace {

constexpr std::string_view kApplied = "applied";
constexpr base::Duration kTick = 250ms;
constexpr base::Duration kRetry = 100ms;
constexpr unsigned kLoadFailuresMax = 5;  // of a state that is there and cannot be read: then its records are parked
constexpr std::size_t kRecentEmissions = 32;

// A message's way can be followed by its name: accepted, applied at its sender's shard, received at its recipient's,
// written.
void log_applied(std::string_view account, const Waiting& waiting) {
  using base::Level;
  const auto& record = waiting.record;
  if (record.has_submit())
    base::log(Level::debug, "stanza applied",
              {{"session", record::name_of(record.submit().session())},
               {"account", account},
               {"message", record::name_of_message(record.submit().stanza().trace())}});
  else if (record.has_inbound())
    base::log(Level::debug, "stanza received",
              {{"account", account}, {"message", record::name_of_message(record.inbound().stanza().trace())}});
}

// The one place for what nobody handles, of what was logged.
std::optional<xmpp::StanzaError> unhandled(const record::Stanza& stanza) {
  if (stanza.kind() != record::IQ) return xmpp::unhandled(static_cast<xmpp::Kind>(stanza.kind()), stanza.type());
  auto read = xmpp::read_stanza({xmpp::Kind::iq, stanza.type(), stanza.id()}, stanza.inner());
  const auto* parsed = std::get_if<xmpp::Stanza>(&read);
  const auto* payload = parsed ? parsed->first_child() : nullptr;
  return xmpp::unhandled_at_account(stanza.type(), payload ? std::string_view(payload->ns) : std::string_view{});
}

}  // namespace

Shard::Shard(const Options& options, base::PartitionId partition, ShardWorld world,
             std::unique_ptr<store::Committer> committer)
    : options_(options),
      partition_(partition),
      world_(world),
      committer_(std::move(committer)),
      entities_(0, HashJid{XXH3_64bits(options.archive_key.data(), options.archive_key.size())}),
      archive_ids_(options.archive_key) {}

Shard::~Shard() {
  *alive_ = false;
  world_.loop.cancel(tick_);
}

// ---------------------------------------------------------------- feed

void Shard::fetch() {
  if (fetching_ || stopping_ || stopped_ || !takeover_ || window_.open_records() >= options_.lag_records_max) return;
  fetching_ = true;
  world_.log.fetch(partition_, fetch_from_, options_.fetch_bytes_max, world_.loop,
                   [this, alive = alive_](OnRecords records) {
                     if (!*alive) return;
                     fetching_ = false;
                     on_records(std::move(records));
                   });
}

void Shard::on_records(OnRecords records) {
  if (stopped_ || stopping_) return;
  if (!records) {
    if (records.error().code == base::Errc::closed) return;
    if (records.error().code == base::Errc::not_found) return fail(records.error());  // L5: never skip
    base::log(base::Level::warn, "log does not answer",
              {{"partition", partition_.value}, {"error", records.error().message}});
    world_.loop.after(kRetry, [this, alive = alive_] {
      if (*alive) fetch();
    });
    return;
  }
  fetch_from_.value = records->back().offset.value + 1;
  if (!owning_) {
    replay_until_takeover(*std::move(records));
  } else {
    for (const auto& record : *records)
      if (!dispatch(record)) break;
    flush();
  }
  release_held(world_.loop.clock().steady());
  fetch();
}

bool Shard::dispatch(const log::LogRecord& in) {
  IRIS_CHECK(in.offset == next_);
  auto decoded = record::decode_record(in.bytes);
  if (!decoded) {
    // S6: an unknown version or broken bytes release the partition, they are never skipped.
    fail(
        {decoded.error().code, "record at offset " + std::to_string(in.offset.value) + ": " + decoded.error().message});
    return false;
  }
  auto& record = *decoded;
  auto stamp = stamper_.next(in.append_time, record.time());
  auto now = static_cast<std::uint64_t>(world_.loop.clock().wall().time_since_epoch().count());
  if (stamp.value > now + static_cast<std::uint64_t>(options_.clock_ahead_max.count())) {
    fail({base::Errc::invalid,
          "the log's time is ahead of this machine's clock by more than the limit (rule T1); "
          "correct the clock and start again"});
    return false;
  }
  next_.value = in.offset.value + 1;
  auto ticket = window_.open(stamp, in.offset);
  kRecordsDispatched.add(1);
  if (record.has_source() && is_held_back(record.entity())) release_held(world_.loop.clock().steady());
  bool skipped = std::find(skips_.begin(), skips_.end(), in.offset.value) != skips_.end();
  bool is_new = !record.has_source() || sources_.accept(record.source());
  if (record.has_takeover()) on_takeover(record, in.offset);
  if (record.entity().empty() || skipped || !is_new) {
    if (!is_new) kSourceDoubles.add(1);
    step().tickets.push_back(ticket);  // done with the step, in order
  } else {
    auto& target = entity(record.entity());
    target.used_at_ = world_.loop.clock().steady();
    target.mailbox_.push_back({ticket, stamp, in.offset, std::move(record), target.used_at_});
    if (target.ready_) drain(target);
  }
  snapshot_if_due();
  return !stopped_;
}

void Shard::on_takeover(const record::Record& record, base::Offset offset) {
  bool ours = record.takeover().incarnation() == options_.incarnation && takeover_ && offset == *takeover_;
  if (ours || !takeover_ || offset < *takeover_) return;
  // O1: someone else owns it from here on.
  base::log(base::Level::warn, "deposed", {{"partition", partition_.value}, {"by", record.takeover().node()}});
  stopped_ = true;
}

// ---------------------------------------------------------------- entities

std::size_t Shard::HashJid::operator()(std::string_view jid) const {
  return XXH3_64bits_withSeed(jid.data(), jid.size(), seed);
}
std::size_t Shard::HashJid::operator()(const std::unique_ptr<Entity>& entity) const { return (*this)(entity->jid_); }
bool Shard::SameJid::operator()(std::string_view jid, const std::unique_ptr<Entity>& entity) const {
  return entity->jid_ == jid;
}

// Whatever is done to an entity begins here or goes on with something that keeps it awake.
Entity& Shard::entity(std::string_view jid) {
  auto it = entities_.find(jid);
  const bool is_new = it == entities_.end();
  if (is_new) it = entities_.insert(std::make_unique<Entity>(*this, std::string(jid))).first;
  auto& entity = **it;
  if (!std::exchange(entity.awake_, true)) awake_.push_back(&entity);
  if (is_new) {
    entity.used_at_ = world_.loop.clock().steady();
    load(entity);
  }
  return entity;
}

void Shard::load(Entity& entity) {
  kEntityLoads.add(1);
  entity.pins_++;
  world_.store.read(store::Table::cursor, entity.jid_, "offline", world_.loop,
                    [this, alive = alive_, &entity](base::Result<std::optional<store::Row>> row) {
                      if (!*alive) return;
                      entity.pins_--;
                      if (!row) {
                        entity.pins_++;
                        world_.loop.after(kRetry, [this, alive, &entity] {
                          if (!*alive) return;
                          entity.pins_--;
                          load(entity);
                        });
                        return;
                      }
                      if (*row) entity.sessions_.load_offline_position((*row)->stamp);
                      load_page(entity, {}, std::make_shared<State>(), false);
                    });
}

// S5: one query over the whole partition of the state table. Where it pages, the applied stamp is read again together
// with its page, and the load begins anew if it moved.
void Shard::load_page(Entity& entity, std::string from, std::shared_ptr<State> state, bool again) {
  entity.pins_++;
  store::Range range;
  range.from = from;
  range.rows_max = 20000;
  world_.store.scan(store::Table::state, entity.jid_, range, world_.loop,
                    [this, alive = alive_, &entity, from, state, again](base::Result<store::Page> page) {
                      if (!*alive) return;
                      entity.pins_--;
                      if (!page) {
                        if (page.error().code == base::Errc::corrupt && ++entity.load_failures_ >= kLoadFailuresMax) {
                          base::log(base::Level::error, "state cannot be read; records are parked",
                                    {{"entity", entity.jid_}, {"error", page.error().message}});
                          entity.poisoned_ = true;
                          return loaded(entity, {});
                        }
                        entity.pins_++;
                        world_.loop.after(kRetry, [this, alive, &entity] {
                          if (!*alive) return;
                          entity.pins_--;
                          load_page(entity, {}, std::make_shared<State>(), false);
                        });
                        return;
                      }
                      if (again) {
                        const auto* before = state->find(kApplied);
                        auto now = std::find_if(page->rows.begin(), page->rows.end(),
                                                [](const auto& r) { return r.clustering == kApplied; });
                        if (now == page->rows.end() || !before || now->value != *before)
                          return load_page(entity, {}, std::make_shared<State>(), false);
                        return loaded(entity, std::move(*state));
                      }
                      for (auto& row : page->rows) state->load(row.clustering, std::move(row.value));
                      if (page->more) {
                        auto next = page->rows.empty() ? from : page->rows.back().clustering + '\0';
                        return load_page(entity, std::move(next), state, false);
                      }
                      if (!from.empty()) return load_page(entity, {}, state, true);
                      loaded(entity, std::move(*state));
                    });
}

void Shard::loaded(Entity& entity, State state) {
  entity.state_ = std::move(state);
  if (const auto* applied = entity.state_.find(kApplied)) entity.applied_ = record::stamp_of_key(*applied);
  entity.last_row_ = entity.loaded_at_ = entity.applied_;
  entity.ready_ = true;
  entity.grace_until_ = world_.loop.clock().steady() + options_.session_grace;
  drain(entity);
  while (!entity.soft_.empty()) {
    auto message = std::move(entity.soft_.front());
    entity.soft_.pop_front();
    handle(entity, std::move(message));
  }
  flush();
}

void Shard::drain(Entity& entity) {
  while (!entity.mailbox_.empty() && !stopped_) {
    auto waiting = std::move(entity.mailbox_.front());
    entity.mailbox_.pop_front();
    apply(entity, waiting);
  }
  run_waiters(entity);
}

// ---------------------------------------------------------------- apply

void Shard::apply(Entity& entity, Waiting& waiting) {
  auto& out = step();
  out.tickets.push_back(waiting.ticket);
  if (entity.poisoned_) return park(entity, waiting);
  // Replay: this record is in the state already, and so all that it emitted is durable (I4).
  if (waiting.stamp <= entity.applied_) return;
  out.fed.push_back(waiting.fed);

  Apply context(options_, entity.jid_, waiting.stamp, entity.state_);
  if (owning_ && base::log_enabled(base::Level::debug)) log_applied(entity.jid_, waiting);
  run(context, waiting.record);
  if (owning_)
    for (auto& soft : context.take_beforehand()) soft(entity);
  take(entity, waiting, context);
  if (owning_)
    for (auto& soft : context.take_afterwards()) soft(entity);
}

void Shard::run(Apply& context, record::Record& record) {
  auto any = [&](auto&& hook) {
    for (auto& module : world_.modules)
      if (hook(*module)) return true;
    return false;
  };
  switch (record.body_case()) {
    case record::Record::kSubmit: {
      auto& submit = *record.mutable_submit();
      auto check = advance_chain(context, submit);
      if (check == ChainCheck::unknown) {
        kSubmitsUnknown.add(1);
        return;
      }
      if (check == ChainCheck::behind) {
        kSubmitsBehind.add(1);
        return;
      }
      if (seen_before(context, submit.stanza())) {
        kDedupHits.add(1);
        return;
      }
      if (any([&](Module& m) { return m.on_submit(context, submit); })) return;
      if (auto error = unhandled(submit.stanza()))
        context.answer(submit.session(), error_reply(submit.stanza(), *error));
      return;
    }
    case record::Record::kInbound:
      any([&](Module& m) { return m.on_inbound(context, *record.mutable_inbound()); });
      return;
    case record::Record::kAccountChange:
      any([&](Module& m) { return m.on_account_change(context, record.account_change()); });
      return;
    case record::Record::kSessionStart: return apply_session_start(context, record.session_start());
    case record::Record::kSessionResume: return apply_session_resume(context, record.session_resume());
    case record::Record::kSessionEnd: return apply_session_end(context, record.session_end());
    case record::Record::kSessionAcked: return apply_session_acked(context, record.session_acked());
    case record::Record::kOfflineRead: return apply_offline_read(context, record.offline_read());
    case record::Record::kTakeover:
    case record::Record::kSkip:
    case record::Record::BODY_NOT_SET: return;
  }
}

// Moves what a record leaves behind into the step.
void Shard::take(Entity& entity, Waiting& waiting, Apply& context) {
  auto& out = step();
  auto stamp = waiting.stamp;
#ifdef IRIS_BUG_DEDUP_OF_ITSELF
  for (auto& [key, change] : entity.state_.changes())
    if (key.starts_with("dedup/") && change.stamp == stamp)
      world_.store.write({{store::Table::state, entity.jid_, key, change.value, stamp}}, world_.loop,
                         [](base::Status) {});
#endif
  entity.applied_ = stamp;
  if (!entity.in_step_) {
    entity.in_step_ = true;
    out.touched.push_back(&entity);
  }
  if (context.forgets_rows_) {
    out.out.rows.push_back({store::Table::archive, entity.jid_, {}, std::nullopt, stamp, record::key_of(stamp)});
    out.out.rows.push_back({store::Table::cursor, entity.jid_, "offline", std::nullopt, stamp});
  }
  if (context.row_) {
    out.out.rows.push_back(
        {store::Table::archive, entity.jid_, record::key_of(stamp), context.row_->SerializeAsString(), stamp});
    entity.last_row_ = stamp;
  }
  auto& emissions = context.emissions_;
  // S3: sorted by recipient; several to one recipient keep the order in which they were made.
#ifdef IRIS_BUG_UNORDERED_INDEX
  std::stable_sort(emissions.begin(), emissions.end(), [&](const auto& a, const auto& b) {
    auto salt = options_.incarnation;
    auto hash = [&](const auto& e) {
      return std::hash<std::string>{}(e.to_bare + e.inbound.stanza().inner() + std::to_string(salt));
    };
    return hash(a) < hash(b);
  });
#else
  std::stable_sort(emissions.begin(), emissions.end(),
                   [](const auto& a, const auto& b) { return a.to_bare < b.to_bare; });
#endif
  std::uint32_t index = 0;
  for (auto& emission : emissions) {
    record::Record made;
    made.set_time(stamp.value);
    made.set_entity(emission.to_bare);
    auto* source = made.mutable_source();
    source->set_partition(partition_.value);
    source->set_stamp(stamp.value);
    source->set_index(index++);
#ifdef IRIS_BUG_FLOOR_EARLY
    source->set_floor(stamper_.last().value);
#else
    source->set_floor(window_.floor().value);
#endif
    *made.mutable_inbound() = std::move(emission.inbound);
    entity.recent_emissions_.push_back({emission.to_bare, made.source()});
    if (entity.recent_emissions_.size() > kRecentEmissions) entity.recent_emissions_.pop_front();
    out.out.emissions.push_back({record::partition_of(emission.to_bare, options_.partitions), record::encode(made)});
  }
  // Live sessions get the row at once: the record is durable, and what it rests on can be read again.
  if (context.row_ && owning_) entity.sessions_.row(stamp, *context.row_);
  if (context.row_ && context.row_->carbon())
    entity.copied_of_late_.note(context.row_->stanza(), entity.jid_, options_.carbon_replies_max);
  if (owning_ && (!context.answers_.empty() || !context.notices_.empty()))
    out.softs.push_back({entity.jid_, std::move(context.answers_), std::move(context.notices_)});
}

// S6: the records of an entity that cannot be applied are kept beside; for the checkpoint they are done.
void Shard::park(Entity& entity, Waiting& waiting) {
  kRecordsParked.add(1);
  step().out.rows.push_back({store::Table::parking, entity.jid_, record::key_of(waiting.stamp),
                             record::encode(waiting.record), waiting.stamp});
}

// ---------------------------------------------------------------- commit

Shard::Step& Shard::step() {
  if (!step_) step_ = std::make_unique<Step>();
  return *step_;
}

void Shard::flush() {
  if (!step_ || stopped_) return;
  if (step_->tickets.empty()) return;
  std::shared_ptr<Step> step = std::move(step_);
  for (auto* entity : step->touched) {
    entity->in_step_ = false;
    entity->steps_begun_++;
    auto changes = entity->state_.take_changes();
    while (!changes.empty()) {
      auto row = changes.extract(changes.begin());
      step->out.state.push_back(
          {store::Table::state, entity->jid_, std::move(row.key()), std::move(row.mapped().value), row.mapped().stamp});
    }
    step->out.state.push_back(
        {store::Table::state, entity->jid_, std::string(kApplied), record::key_of(entity->applied_), entity->applied_});
  }
  committer_->commit(
      std::move(step->out),
      [this, alive = alive_, step] {
        if (*alive) step_emitted(*step);
      },
      [this, alive = alive_, step] {
        if (*alive) step_persisted(*step);
      });
}

void Shard::step_emitted(const Step& step) {
  for (auto ticket : step.tickets) window_.emitted(ticket);
}

void Shard::step_persisted(Step& step) {
  for (auto ticket : step.tickets) window_.persisted(ticket);
  const auto now = world_.loop.clock().steady();
  for (auto fed : step.fed) kApplySeconds.observe(now - fed);
  for (auto& soft : step.softs) {
    auto it = entities_.find(std::string_view(soft.jid));
    if (it == entities_.end() || stopped_) continue;
    for (auto& answer : soft.answers)
      if (auto* session = (*it)->sessions_.find(session_id(answer.session))) (*it)->deliver(*session, answer.stanza);
    for (auto& notice : soft.notices) send(notice.to, std::move(notice.message));
  }
  for (auto* entity : step.touched) {
    entity->steps_persisted_++;
    while (!entity->persist_waiters_.empty() && entity->persist_waiters_.front().step <= entity->steps_persisted_) {
      auto then = std::move(entity->persist_waiters_.front().then);
      entity->persist_waiters_.pop_front();
      then();
    }
  }
  write_checkpoint_if_ready();
  fetch();
  finish_stop_if_ready();
}

void Shard::run_waiters(Entity& entity) {
  if (!entity.ready_ || !entity.mailbox_.empty()) return;
  for (std::size_t i = 0; i < entity.waiters_.size();) {
    if (entity.waiters_[i].offset.value >= next_.value) {
      ++i;
      continue;
    }
    auto then = std::move(entity.waiters_[i].then);
    entity.waiters_.erase(entity.waiters_.begin() + static_cast<std::ptrdiff_t>(i));
    then();
    i = 0;  // the call may have added or removed waiters
  }
}

// ---------------------------------------------------------------- time

void Shard::tick() {
  if (stopped_) return;
  auto now = world_.loop.clock().steady();
  for (std::size_t i = 0; i < awake_.size(); ++i) tick(*awake_[i], now);  // a call may wake others
  release_held(now);
  flush();
  snapshot_if_due();
  write_checkpoint_if_ready();
  std::erase_if(awake_, [&](Entity* entity) {
    if (is_over(*entity, now)) {
      evict(*entity);
      return true;
    }
    if (entity->is_quiet()) entity->awake_ = false;
    return !entity->awake_;
  });
  fetch();
  tick_ = world_.loop.after(kTick, [this, alive = alive_] {
    if (*alive) tick();
  });
}

void Shard::tick(Entity& entity, base::SteadyTime now) {
  if (!entity.ready_) return;
  entity.sessions_.tick(now);
  run_waiters(entity);
  if (entity.cursor_dirty_) {
    append_offline_read(entity);
    write_cursor(entity);
  }
  if (owning_ && entity.acked_until_ != base::SteadyTime{} && now >= entity.acked_until_) append_acked_pending(entity);
  if (owning_ && entity.grace_until_ != base::SteadyTime{} && now >= entity.grace_until_) end_absent_sessions(entity);
}

bool Shard::is_over(const Entity& entity, base::SteadyTime now) const {
  return entity.is_idle() &&
         (entities_.size() > options_.entities_idle_max || now - entity.used_at_ > options_.entity_idle);
}

void Shard::evict(Entity& entity) { entities_.erase(entities_.find(std::string_view(entity.jid_))); }

// The cursor's own value is its write stamp, so an old owner's late write cannot move it back (rule D1).
void Shard::write_cursor(Entity& entity) {
  if (entity.cursor_writing_) return;
  entity.cursor_dirty_ = false;
  entity.cursor_writing_ = true;
  entity.pins_++;
  world_.store.write(
      {{store::Table::cursor, entity.jid_, "offline", std::string{}, entity.sessions_.offline_position()}}, world_.loop,
      [this, alive = alive_, &entity](base::Status status) {
        if (!*alive) return;
        entity.pins_--;
        entity.cursor_writing_ = false;
        if (!status) entity.cursor_dirty_ = true;  // the tick writes it again
        finish_stop_if_ready();
      });
}

ShardStats Shard::stats() const {
  ShardStats out;
  out.entities = entities_.size();
  for (const auto& entity : entities_) {
    out.sessions += entity->sessions_.size();
    out.waiting_records += entity->mailbox_.size();
    out.waiting_soft += entity->soft_.size();
  }
  out.waiting_soft += held_.size();
  out.open_records = window_.open_records();
  out.next = next_;
  out.owning = owning_;
  out.stopped = stopped_;
  return out;
}

}  // namespace iris::shard
