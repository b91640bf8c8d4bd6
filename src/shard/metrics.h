// What the engine counts, per loop, without a lock.
#pragma once
#include "base/metrics.h"

namespace iris::shard {

inline base::Counter kRecordsDispatched{"iris_shard_records_total", "Records dispatched by the shards."};
inline base::Histogram kApplySeconds{"iris_shard_apply_seconds",
                                     "From a record handed to its shard until all that follows from it "
                                     "is durable, the load of its account included."};
inline base::Counter kSourceDoubles{"iris_shard_source_doubles_total",
                                    "Emissions that came twice and were dropped (rule S1)."};
inline base::Counter kSubmitsBehind{"iris_shard_submits_behind_total",
                                    "Client stanzas dropped behind a failed append or of an older epoch (rule C1)."};
inline base::Counter kSubmitsUnknown{"iris_shard_submits_unknown_total",
                                     "Client stanzas of a session that is not in the log."};
inline base::Counter kDedupHits{"iris_shard_dedup_hits_total",
                                "Client stanzas accepted before, not delivered twice (rule C2)."};
inline base::Counter kRecordsParked{"iris_shard_records_parked_total",
                                    "Records of entities that cannot be applied (rule S6)."};
inline base::Counter kEntityLoads{"iris_shard_entity_loads_total", "Entities loaded from the store."};
inline base::Counter kSoftDropped{"iris_shard_soft_dropped_total",
                                  "Soft stanzas dropped: no session, no owner, or a queue is full."};
inline base::Counter kPartitionFailures{"iris_shard_partition_failures_total",
                                        "Partitions that stopped and need an operator."};
inline base::Counter kCheckpoints{"iris_shard_checkpoints_total", "Checkpoints written."};

}  // namespace iris::shard
