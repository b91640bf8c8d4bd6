#include "module/routing.h"

#include <utility>
#include <variant>

#include "shard/jid_text.h"
#include "shard/stanzas.h"
#include "xml/push_parser.h"
#include "xmpp/ns.h"
#include "xmpp/stanza_table.h"

namespace iris::module {

std::optional<xml::Element> parse_inner(const record::Stanza& stanza) {
  auto parsed = xml::parse_fragment(stanza.inner(), xmpp::ns::kClient);
  if (auto* element = std::get_if<xml::Element>(&parsed)) return std::move(*element);
  return std::nullopt;
}

std::string inner_bytes(const xml::Element& element) { return element.serialize(xmpp::ns::kClient); }

std::optional<xml::Element> own_set(const record::Submit& submit, std::string_view name, std::string_view ns) {
  const auto& stanza = submit.stanza();
  if (stanza.kind() != record::IQ || stanza.type() != "set" || stanza.inner().find(ns) == std::string::npos)
    return std::nullopt;
  auto inner = parse_inner(stanza);
  const auto* payload = inner ? inner->first_child() : nullptr;
  if (!payload || !payload->is(name, ns)) return std::nullopt;
  return *payload;
}

record::Stanza presence(std::string_view type, std::string_view from, std::string_view to) {
  record::Stanza out;
  out.set_kind(record::PRESENCE);
  out.set_type(std::string(type));
  out.set_from(std::string(from));
  out.set_to(std::string(to));
  return out;
}

bool is_local(std::string_view bare, const shard::Options& options) {
  return bare.substr(bare.find('@') + 1) == options.domain;  // no '@': npos + 1 is 0
}

void bounce(shard::Apply& apply, const record::Stanza& stanza, const xmpp::StanzaError& error) {
  if (stanza.type() == "error" || stanza.from().empty()) return;
  record::Inbound out;
  *out.mutable_stanza() = shard::error_reply(stanza, error);
  if (out.stanza().from().empty()) out.mutable_stanza()->set_from(std::string(apply.entity()));
  // XEP-0280 §6.1: copied, if what it answers was.
  auto fate = xmpp::Fate::from_bits(stanza.fate());
  out.mutable_stanza()->set_fate(xmpp::Fate{.logged = true, .carbon = fate.carbon}.bits());
  apply.emit(std::string(shard::bare_of(stanza.from())), std::move(out));
}

void refuse(shard::Apply& apply, const record::Submit& submit, const xmpp::StanzaError& error) {
  if (submit.stanza().type() == "error") return;
  apply.answer(submit.session(), shard::error_reply(submit.stanza(), error));
}

void reply_result(shard::Live& live, const shard::Query& query, const xml::Element& payload) {
  shard::reply(live, query, shard::result_reply(query.request, inner_bytes(payload)));
}
void reply_bytes(shard::Live& live, const shard::Query& query, std::string inner) {
  shard::reply(live, query, shard::result_reply(query.request, std::move(inner)));
}
void reply_empty(shard::Live& live, const shard::Query& query) {
  shard::reply(live, query, shard::result_reply(query.request));
}
void reply_error(shard::Live& live, const shard::Query& query, const xmpp::StanzaError& error) {
  shard::reply(live, query, shard::error_reply(query.request, error));
}

shard::Registration* find_session(shard::Live& live, const base::SessionId& id) {
  for (auto* session : live.sessions())
    if (session->id == id) return session;
  return nullptr;
}

}  // namespace iris::module
