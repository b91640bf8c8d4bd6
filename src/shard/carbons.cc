#include "shard/carbons.h"

#include <algorithm>

#include "record/partition.h"
#include "shard/entity.h"
#include "shard/jid_text.h"
#include "shard/shard.h"
#include "shard/stanzas.h"
#include "xml/writer.h"
#include "xmpp/datetime.h"
#include "xmpp/stanza.h"
#include "xmpp/stanza_table.h"

namespace iris::shard {
namespace {

std::uint64_t hash_of(const record::Stanza& message, std::string_view account) {
  auto peer = bare_of(message.from()) == account ? bare_of(message.to()) : bare_of(message.from());
  return record::payload_hash(std::string(peer) + '\0' + message.id());
}

}  // namespace

void Copies::enable(base::Stamp at) {
  since_ = from_ = at;
  to_ = last_ = {};
  served_ = {};
  skipped_.clear();
  earlier_.clear();
}

void Copies::begin_again(base::Stamp direct_last, base::Stamp inbox_last, bool not_entitled) {
  served_ = inbox_last;
  std::erase_if(skipped_, [&](const Range& range) {
    if (range.to <= inbox_last) return false;
    // The inbox goes on before them after all, and they were copied because it did not bring them.
    const Range had{std::max(range.from, from_), std::min(range.to, direct_last)};
    if (had.to > had.from) earlier_.push_back(had);
    return true;
  });
  if (not_entitled) from_ = std::max(std::min(from_, direct_last), since_);
}

// Beyond the limit rather more is held to be skipped: some is had twice.
void Copies::inbox_skips(base::Stamp from, base::Stamp to) {
  skipped_.push_back({from, to});
  if (skipped_.size() <= kEarlierMax) return;
  skipped_[1].from = skipped_[0].from;
  skipped_.erase(skipped_.begin());
}

// What was copied before is over: the direct chain goes on above `direct_last`.
void Copies::restore(const record::Copied& copied, base::Stamp direct_last, base::Stamp inbox_last) {
  enable(direct_last);
  since_ = {copied.since()};
  served_ = inbox_last;
  for (const auto& range : copied.earlier()) earlier_.push_back({{range.from()}, {range.to()}});
  if (copied.to() > copied.from()) earlier_.push_back({{copied.from()}, {copied.to()}});
  while (earlier_.size() > kEarlierMax) earlier_.erase(earlier_.begin());
  inbox_received(inbox_last);
}

record::Copied Copies::said() const {
  record::Copied out;
  out.set_since(since_.value);
  out.set_from(from_.value);
  out.set_to(last_.value);
  for (const auto& range : earlier_) {
    auto& earlier = *out.add_earlier();
    earlier.set_from(range.from.value);
    earlier.set_to(range.to.value);
  }
  return out;
}

void Copies::not_entitled(base::Stamp at) {
  if (to_ > from_) {
    if (at <= to_) return;  // nothing came while it was entitled
    earlier_.push_back({from_, to_});
    if (earlier_.size() > kEarlierMax) earlier_.erase(earlier_.begin());
  }
  from_ = std::max(at, since_);
}

void Copies::inbox_received(base::Stamp at) {
  while (!earlier_.empty() && earlier_.front().to <= at) earlier_.erase(earlier_.begin());
  if (!earlier_.empty()) earlier_.front().from = std::max(earlier_.front().from, at);
}

bool Copies::in_range(base::Stamp at) const {
  return Range{from_, to_}.has(at) || std::ranges::any_of(earlier_, [at](const Range& range) { return range.has(at); });
}

bool Copies::is_skipped(base::Stamp at) const {
  return std::ranges::any_of(skipped_, [at](const Range& range) { return range.has(at); });
}

bool Copies::due(base::Stamp at, const record::ArchiveRow& row, bool inbox_has) const {
  if (at <= since_ || had_before(row)) return false;
  if (!row.inbox()) return true;
  if (is_skipped(at)) return true;  // however often it was entitled since
  if (at <= served_) return false;
  return inbox_has ? in_range(at) : at > from_;
}

bool Copies::had(base::Stamp at, const record::ArchiveRow& row) const { return in_range(at) || had_before(row); }

void CopiedOfLate::note(const record::Stanza& message, std::string_view account, std::size_t max) {
  if (message.id().empty() || message.type() == "error") return;
  hashes_.push_back(hash_of(message, account));
  while (hashes_.size() > max) hashes_.pop_front();
}

bool CopiedOfLate::answered_by(const record::Stanza& error, std::string_view account) const {
  return error.type() == "error" && !error.id().empty() &&
         std::find(hashes_.begin(), hashes_.end(), hash_of(error, account)) != hashes_.end();
}

bool is_copied(const record::Stanza& message, std::string_view account) {
  auto fate = xmpp::Fate::from_bits(message.fate());
  return fate.carbon && (!fate.carbon_sent_only || bare_of(message.from()) == account);
}

bool is_sent_by(const record::Stanza& stanza, std::string_view account, std::string_view resource) {
  return bare_of(stanza.from()) == account && resource_of(stanza.from()) == resource;
}

std::string carbon_of(const record::Stanza& message, std::string_view stanza_id, base::Stamp at,
                      std::string_view account, std::string_view resource) {
  std::string_view name = bare_of(message.from()) == account ? "sent" : "received";
  std::string inner;
  inner.append("<").append(name).append(" xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>");
  inner += "<delay xmlns='urn:xmpp:delay'";
  xml::append_attribute(inner, "stamp", xmpp::format_datetime(at));
  inner += "/>";
  inner += xmpp::with_client_namespace(to_xml(message, stanza_id));
  inner.append("</forwarded></").append(name).append(">");
  const auto to = std::string(account) + '/' + std::string(resource);
  return xmpp::compose({.kind = xmpp::Kind::message, .type = message.type(), .from = account, .to = to}, inner);
}

// XEP-0280, of a message that is not logged: to whoever wants copies and is not `reached`, nor has sent it.
void Shard::copy(Entity& entity, const record::Stanza& message,
                 const std::function<bool(const Registration&)>& reached) {
  if (!entity.is_copied(message)) return;
  entity.copied_of_late_.note(message, entity.jid_, options_.carbon_replies_max);
  for (auto* session : entity.sessions_.all())
    if (session->carbons && !reached(*session) && !is_sent_by(message, entity.jid_, session->resource))
      entity.deliver_copy(*session, message);
}

}  // namespace iris::shard
