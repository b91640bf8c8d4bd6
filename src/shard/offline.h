// How many messages wait for an account that nobody has been there to take (XEP-0160 §2). Who has read how far is soft,
// and apply may not look at it (rule S3): so what arrives while no session stands in the log is counted in the state,
// in runs, and the shard logs how far the account has read once a run of them is behind it. See
// docs/adr/0008-offline-quota.md.
#pragma once
#include <cstddef>

#include "base/ids.h"
#include "shard/apply.h"
#include "shard/state.h"

namespace iris::shard {

// Messages that are counted: at least as many as are unread of those that came while nobody was there; more by at most
// the ones read of a run.
std::size_t offline_count(const State& state);

// Whether the account has no room for one that arrives now. Never while it has a session.
bool is_offline_full(const Apply& apply);
// A message was kept for those who are away.
void count_offline(Apply& apply);

void apply_offline_read(Apply& apply, const record::OfflineRead& read);
// Whether a run of them has been read up to here, so that it is worth a record.
bool is_offline_read(const State& state, base::Stamp acked);

}  // namespace iris::shard
