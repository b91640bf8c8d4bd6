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

// The JID is prepared here, in apply, which is why the tables of Unicode are pinned (xmpp/jid.h): a build with other
// tables would be another version of the record (rule S6).
std::variant<RosterSet, xmpp::StanzaError> read_roster_set(const xml::Element& query, const shard::Options& options);

}  // namespace iris::module
