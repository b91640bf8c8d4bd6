// What is stored of an account, as XML and back: XEP-0227. The archive is not here: it is no part of the state.
//
// A restored account's rows are made by the importer, who prepares the JIDs in them, and go through the log (rule D1)
// as an IQ from the server's own domain to the account, which no client can send and nothing else makes.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "record/record.pb.h"
#include "shard/apply.h"
#include "shard/state.h"
#include "xml/element.h"

namespace iris::module {

// Children of <user/>: keys, roster, subscription requests, vCard, private storage, block list; as XML.
std::string user_data(const shard::State& state);

struct UserData {
  std::map<std::string, std::string> rows;  // of the state
  std::vector<record::Inbound> offline;     // messages that wait for the user, and when they came
  base::Stamp begins;                       // of the oldest archived message; 0: none
  // What was not taken, for its address is none: "contacts" and what stood there. For the operator to know.
  std::map<std::string, std::vector<std::string>> left_out;
};
// Takes a child of <user/> in; false: nothing that an account has here. Keys, archive and offline messages are for the
// caller. Not for apply: it prepares JIDs.
bool take_user_data(const xml::Element& child, std::string_view account, UserData& data);

// The record's content, and what a shard does with it. When it is persisted, the state holds `token` under kRestored.
inline constexpr std::string_view kRestored = "restored";
record::Stanza restore_stanza(const UserData& data, std::string_view account, std::string_view domain,
                              std::string_view token);
bool is_restore(const record::Stanza& stanza, const shard::Options& options);
void restore(shard::Apply& apply, const record::Stanza& stanza);

}  // namespace iris::module
