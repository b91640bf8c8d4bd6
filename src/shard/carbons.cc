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

void Copies::restore(const record::Copied& copied, base::Stamp inbox_last) {
  since_ = {copied.since()};
  from_ = std::max(base::Stamp{copied.from()}, inbox_last);
  to_ = last_ = {copied.to()};
}

record::Copied Copies::said() const {
  record::Copied out;
  out.set_since(since_.value);
  out.set_from(from_.value);
  out.set_to(last_.value);
  return out;
}

bool Copies::due(base::Stamp at, const record::ArchiveRow& row, bool inbox_has) const {
  if (at <= since_ || had_before(row)) return false;
  if (!row.inbox()) return true;
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
