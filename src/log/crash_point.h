// Moments between two effects at which the death of a process leaves something half done. OrderedCommitter and the
// simulated log and store name them as they pass, so that the simulation can crash there, and count.
#pragma once
#include <cstddef>
#include <functional>
#include <string_view>

#include "io/loop.h"

namespace iris::log {

enum class CrashPoint {
  append_before_durable,      // asked for, not in the log yet
  append_durable_before_ack,  // in the log, and nobody knows
  emit_before,                // a step is handed over, none of its emissions asked for
  emit_partial,               // some emissions of a step are durable
  emit_done_before_rows,      // all of them, none of its rows
  write_partial,              // some partition keys of a write are durable, others not
  rows_before_state,          // archive rows are written, the state with the applied stamp is not
  state_before_persisted,     // state is written, the shard does not know
  state_before_checkpoint,    // a checkpoint is asked for, the old one still stands
  checkpoint_written,         // the new one stands, the shard does not know
};
inline constexpr std::size_t kCrashPoints = 10;

std::string_view to_string(CrashPoint point);

// `loop`: of the node on whose behalf it happens. May kill it.
using CrashHook = std::function<void(CrashPoint point, io::Loop& loop)>;

}  // namespace iris::log
