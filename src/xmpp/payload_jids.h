// JIDs inside payloads: they are prepared when a stanza is read, as its addresses are, so that apply compares bytes and
// never prepares a JID (rule S3). A feature that keeps JIDs of a payload adds a line to the table.
#pragma once
#include <optional>

#include "xmpp/stanza.h"
#include "xmpp/stanza_error.h"

namespace iris::xmpp {

// In place, for an IQ set to an account. The error is for the sender; the stanza may be half prepared then.
std::optional<StanzaError> prepare_payload_jids(Stanza& stanza);

}  // namespace iris::xmpp
