// Rule C2: a retry with the same origin-id, recipient and payload within `dedup_days` is accepted without being
// delivered twice. 64-bit hashes in day buckets, rows of the sender's state; a bucket that is too old by the records'
// own stamps is dropped when the first message of a new day comes. Of more than `dedup_max` the oldest are forgotten.
#pragma once
#include "record/record.pb.h"
#include "shard/apply.h"

namespace iris::shard {

// True: this stanza was accepted before. False: it is new and is now remembered. Stanzas without an origin-id are new.
bool seen_before(Apply& apply, const record::Stanza& stanza);

}  // namespace iris::shard
