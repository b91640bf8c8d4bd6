// Who is online and who is told (RFC 6121 §4). Soft: nothing of it is logged. A session's presence goes to the contacts
// that have a subscription to it and to the account's other sessions; presence from elsewhere goes to the sessions that
// are available. Whom the account blocks is passed by (XEP-0191). Becoming available with a priority that is not
// negative opens the inbox (XEP-0160).
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_presence();

// The current presence of each available session, or its absence, to one contact: after a subscription was approved
// (§3.1.5), cancelled (§3.2.2, §3.3.3) or removed (§2.5).
void send_presence_to(shard::Live& live, const std::string& contact);
void send_unavailable_to(shard::Live& live, const std::string& contact);
// Asks, for each available session, how a contact is (§4.3), when what it said meanwhile was not heard.
void send_probes_to(shard::Live& live, const std::string& contact);

// Whether directed presence stands to this JID, or to its bare JID (§4.6).
bool has_directed_to(const shard::Registration& session, std::string_view jid);

}  // namespace iris::module
