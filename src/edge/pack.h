// From a stanza as parsed to a stanza as the engine carries it.
#pragma once
#include "record/record.pb.h"
#include "xmpp/stanza.h"
#include "xmpp/stanza_table.h"

namespace iris::edge {

// `from` is set. Drops <stanza-id/> children that claim to be by the sender's or the recipient's archive: those are the
// server's to give (XEP-0359 §4). So are <delay/> children that claim to be by the server or the recipient's account
// (XEP-0203 §5).
record::Stanza pack(xmpp::Stanza& stanza, xmpp::Fate fate);

}  // namespace iris::edge
