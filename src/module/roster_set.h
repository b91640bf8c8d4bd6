// What a client writes in a roster set: RFC 6121 §2.3.1, §2.5.1, with the errors of §2.3.3. Pure.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "shard/options.h"
#include "xml/element.h"
#include "xmpp/stanza_error.h"

namespace iris::module {

struct RosterSet {
  std::string jid;  // bare
  bool remove = false;
  std::string name;
  std::vector<std::string> groups;
};

// The JID is bare and prepared: by whoever read the stanza (xmpp/payload_jids.h), never in apply (rule S3).
std::variant<RosterSet, xmpp::StanzaError> read_roster_set(const xml::Element& query, const shard::Options& options);

}  // namespace iris::module
