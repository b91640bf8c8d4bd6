// What several modules do with stanzas in the form that records carry them.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "record/record.pb.h"
#include "shard/apply.h"
#include "shard/live.h"
#include "shard/module.h"
#include "xml/element.h"
#include "xmpp/stanza_error.h"

namespace iris::module {

// The payload of a stanza: its children inside an element "inner". Parsed when it was accepted, so nothing is not a
// stranger's doing; the caller answers bad-request then.
std::optional<xml::Element> parse_inner(const record::Stanza& stanza);
// Bytes for Stanza.inner.
std::string inner_bytes(const xml::Element& element);

// The payload of a logged IQ set, if it is this element. The stanza table logs such sets to the own account only.
std::optional<xml::Element> own_set(const record::Submit& submit, std::string_view name, std::string_view ns);

record::Stanza presence(std::string_view type, std::string_view from, std::string_view to);

// Whether this deployment serves the domain of a bare JID. Others come with federation.
bool is_local(std::string_view bare, const shard::Options& options);

// Logged: an error back to the sender's full JID, as a record of its own. Never in answer to an error (RFC 6120
// §8.3.1).
void bounce(shard::Apply& apply, const record::Stanza& stanza, const xmpp::StanzaError& error);
// Soft: an error to the session that submitted the stanza.
void refuse(shard::Apply& apply, const record::Submit& submit, const xmpp::StanzaError& error);

// Answers to queries.
void reply_result(shard::Live& live, const shard::Query& query, const xml::Element& payload);
// The same from bytes that were written for Stanza.inner.
void reply_bytes(shard::Live& live, const shard::Query& query, std::string inner);
void reply_empty(shard::Live& live, const shard::Query& query);
void reply_error(shard::Live& live, const shard::Query& query, const xmpp::StanzaError& error);

shard::Registration* find_session(shard::Live& live, const base::SessionId& id);

}  // namespace iris::module
