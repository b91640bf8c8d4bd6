// Stanzas in the form that records and Bus messages carry them.
#pragma once
#include <string>
#include <string_view>

#include "record/record.pb.h"
#include "xmpp/stanza.h"

namespace iris::shard {

std::string to_xml(const record::Stanza& stanza, std::string_view extras = {});
// from and to change places, same id, type error.
record::Stanza error_reply(const record::Stanza& stanza, const xmpp::StanzaError& error);
// IQ result; `inner` are the payload's bytes, or none.
record::Stanza result_reply(const record::Stanza& request, std::string inner = {});

}  // namespace iris::shard
