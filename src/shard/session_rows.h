// Sessions as the log knows them (rule C1, C4): rows of the entity's state, so that apply knows deterministically which
// resources exist and how far each session's inbound chain has come.
//
//   session/<incarnation><loop><number>   SessionRow
//   chain/<incarnation><loop><number>     epoch and last number, since the SessionRow was written; each stanza moves it
//   pending/<resource>\0<stamp>           a stanza due to that resource alone, not known to be received
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "record/record.pb.h"
#include "record/session.h"
#include "shard/apply.h"

namespace iris::shard {

using record::session_id;
using record::session_ref;
std::string session_key(const record::SessionRef& ref);
std::string pending_prefix(std::string_view resource);

std::optional<record::SessionRow> find_session(const State& state, const record::SessionRef& ref);
// The live (not ended) logged session of a resource.
bool has_live_session(const State& state);
bool is_full_of_sessions(const State& state, const Options& options);
std::optional<record::SessionRow> live_resource(const State& state, std::string_view resource);

// visit(row) of each session that is remembered. Those that ended are forgotten when another starts: so, while none is
// live, the one that ended last is there.
void each_session(const State& state, const std::function<void(const record::SessionRow&)>& visit);

// Apply of the session records. SessionStart ends an older live session of the same resource, which is told `conflict`;
// where there are sessions_max of other resources it does nothing.
void apply_session_start(Apply& apply, const record::SessionStart& start);
void apply_session_resume(Apply& apply, const record::SessionResume& resume);
void apply_session_end(Apply& apply, const record::SessionEnd& end);
void apply_session_acked(Apply& apply, const record::SessionAcked& acked);

enum class ChainCheck {
  accepted,  // the session's next logged stanza
  behind,    // behind a failed append, or of an older epoch, or doubled: drop
  unknown,   // the session is not in the log: drop, and tell its edge
};
// Rule C1. On `accepted` the session's last number has moved.
ChainCheck advance_chain(Apply& apply, const record::Submit& submit);

}  // namespace iris::shard
