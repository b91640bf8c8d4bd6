#include "shard/entity.h"

#include "record/codec.h"
#include "record/keys.h"
#include "shard/archive_id.h"
#include "shard/jid_text.h"
#include "shard/session_rows.h"
#include "shard/shard.h"
#include "shard/stanzas.h"
#include "shard/step.h"
#include "xml/writer.h"
#include "xmpp/datetime.h"
#include "xmpp/stanza_table.h"

namespace iris::shard {

const Options& Entity::options() const { return shard_.options_; }
base::WallTime Entity::now() const { return shard_.world_.loop.clock().wall(); }
io::Loop& Entity::loop() { return shard_.world_.loop; }
std::int64_t Entity::epoch() const { return shard_.takeover_ ? shard_.takeover_->value : -1; }
void Entity::send(const bus::Address& to, record::BusMessage message) { shard_.send(to, std::move(message)); }
void Entity::forward(record::Stanza stanza) { shard_.forward(*this, std::move(stanza)); }

std::string Entity::archive_id(base::Stamp stamp) const { return shard_.archive_ids_.encode(jid_, stamp); }
std::optional<base::Stamp> Entity::archive_stamp(std::string_view id) const {
  return shard_.archive_ids_.decode(jid_, id);
}

void Entity::deliver(const Registration& session, const record::Stanza& stanza) {
  record::Soft soft;
  soft.set_xml(to_xml(stanza));
  soft.set_kind(stanza.kind());
  send_soft(session, std::move(soft));
}

void Entity::deliver_copy(const Registration& session, const record::Stanza& message) {
  base::Stamp at{static_cast<std::uint64_t>(now().time_since_epoch().count())};
  record::Soft soft;
  soft.set_xml(carbon_of(message, {}, at, jid_, session.resource));
  soft.set_kind(message.kind());
  send_soft(session, std::move(soft));
}

bool Entity::is_copied(const record::Stanza& message) const {
  return message.kind() == record::MESSAGE &&
         (shard::is_copied(message, jid_) || copied_of_late_.answered_by(message, jid_));
}

void Entity::send_soft(const Registration& session, record::Soft soft) {
  soft.set_number(session.number);
  record::BusMessage message;
  *message.mutable_session() = session_ref(session.id);
  *message.mutable_soft() = std::move(soft);
  shard_.send(session.edge, std::move(message));
}

void Entity::deliver_whole(const Registration& session, const std::vector<record::Stanza>& stanzas,
                           const record::Stanza& instead) {
#ifdef IRIS_BUG_PAGE_IN_PARTS  // planted against "all of it or nothing"
  for (const auto& stanza : stanzas) deliver(session, stanza);
  return;
#endif
  record::Soft soft;
  for (const auto& stanza : stanzas) soft.add_page(to_xml(stanza));
  soft.set_instead(to_xml(instead));
  soft.set_kind(instead.kind());
  send_soft(session, std::move(soft));
}

void Entity::forget_former_account() {
  record::AccountRow row;
  if (const auto* bytes = state_.find("account"); bytes && row.ParseFromString(*bytes))
    sessions_.load_offline_position(base::Stamp{row.created()});
}

void Entity::open_inbox(Registration& session) {
  forget_former_account();
  if (auto* known = sessions_.find(session.id)) sessions_.open_inbox(*known);
}

void Entity::set_carbons(Registration& session, bool on) {
  if (auto* known = sessions_.find(session.id)) sessions_.set_carbons(*known, on);
}

bool Entity::has_applied(base::Offset offset) const {
  return offset.value < shard_.next_.value && ready_ && mailbox_.empty();
}

void Entity::when_applied(base::Offset offset, base::Callback<void()> then) {
  if (has_applied(offset)) return then();
  waiters_.push_back({offset, std::move(then)});
}

void Entity::when_persisted(base::Callback<void()> then) {
  auto step = steps_begun_ + (in_step_ ? 1 : 0);
  if (step == steps_persisted_) return then();
  persist_waiters_.push_back({step, std::move(then)});
}

// One after the other: what a client asks for at once must neither fill the memory with pages nor take the reading
// threads and the loop from others. Who goes on from a page goes first, so that few are half done.
void Entity::scan_archive(store::Range range, base::Callback<void(Live&, base::Result<store::Page>)> done) {
  if (!scanning_) return begin_scan(std::move(range), std::move(done));
  if (scans_waiting_.size() >= options().archive_queries_max)
    return done(*this, base::Error{base::Errc::overloaded, "too many archive queries of one account"});
  scans_waiting_.push_back({std::move(range), std::move(done)});
}

void Entity::begin_scan(store::Range range, base::Callback<void(Live&, base::Result<store::Page>)> done) {
  scanning_ = true;
  pins_++;
  when_persisted([this, range = std::move(range), done = std::move(done)]() mutable {
    shard_.world_.store.scan(
        store::Table::archive, jid_, std::move(range), shard_.world_.loop,
        [this, alive = shard_.alive_, done = std::move(done)](base::Result<store::Page> page) mutable {
          if (!*alive) return;
          scanning_ = false;
          done(*this, std::move(page));
          if (!scanning_ && !scans_waiting_.empty()) {
            auto next = std::move(scans_waiting_.front());
            scans_waiting_.pop_front();
            begin_scan(std::move(next.range), std::move(next.done));
          }
          pins_--;
        });
  });
}

void Entity::read_rows(base::Stamp after, std::size_t rows_max, base::Callback<void(base::Result<Rows>)> done) {
  store::Range range;
  range.from = record::key_of(base::Stamp{after.value + 1});
  range.rows_max = rows_max;
  pins_++;
  // What is applied now; by the time that is persisted, more may be applied.
  when_persisted([this, through = applied_, range = std::move(range), done = std::move(done)]() mutable {
    shard_.world_.store.scan(
        store::Table::archive, jid_, std::move(range), shard_.world_.loop,
        [this, alive = shard_.alive_, through, done = std::move(done)](base::Result<store::Page> page) mutable {
          if (!*alive) return;
          pins_--;
          if (!page) return done(page.error());
          Rows out{{}, through, page->more};
          for (auto& row : page->rows) {
            record::ArchiveRow parsed;
            if (!parsed.ParseFromString(row.value)) return done(base::Error{base::Errc::corrupt, "archive row"});
            out.rows.emplace_back(record::stamp_of_key(row.clustering), std::move(parsed));
          }
          done(std::move(out));
        });
  });
}

namespace {

base::Stamp known_as(const record::ArchiveRow& row, base::Stamp stamp) {
  return row.original_stamp() ? base::Stamp{row.original_stamp()} : stamp;
}

}  // namespace

// XEP-0359, where the archive knows it.
std::string Entity::stanza_id(const record::ArchiveRow& row, base::Stamp stamp) const {
  bool archived = row.visible() || (row.original_stamp() && xmpp::Fate::from_bits(row.stanza().fate()).archived);
  if (!archived) return {};
  std::string out = "<stanza-id xmlns='urn:xmpp:sid:0'";
  xml::append_attribute(out, "by", jid_);
  xml::append_attribute(out, "id", archive_id(known_as(row, stamp)));
  return out + "/>";
}

std::string Entity::render_copy(const record::ArchiveRow& row, base::Stamp stamp, std::string_view resource) {
  return carbon_of(row.stanza(), stanza_id(row, stamp), known_as(row, stamp), jid_, resource);
}

// The stanza as its recipients see it: with its stanza-id, and XEP-0203 delay where it comes late.
std::vector<std::string> Entity::render(const record::ArchiveRow& row, base::Stamp stamp, bool late) {
  std::string extras = stanza_id(row, stamp);
  if ((late || row.original_stamp()) && row.stanza().kind() == record::MESSAGE) {
    extras += "<delay xmlns='urn:xmpp:delay'";
    xml::append_attribute(extras, "from", options().domain);
    xml::append_attribute(extras, "stamp", xmpp::format_datetime(known_as(row, stamp)));
    extras += "/>";
  }
  std::vector<std::string> out{to_xml(row.stanza(), extras)};
  for (const auto& also : row.also()) out.push_back(to_xml(also));
  return out;
}

}  // namespace iris::shard
