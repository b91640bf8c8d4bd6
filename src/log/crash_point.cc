#include "log/crash_point.h"

#include "base/check.h"

namespace iris::log {

std::string_view to_string(CrashPoint point) {
  switch (point) {
    case CrashPoint::append_before_durable: return "append-before-durable";
    case CrashPoint::append_durable_before_ack: return "append-durable-before-ack";
    case CrashPoint::emit_before: return "emit-before";
    case CrashPoint::emit_partial: return "emit-partial";
    case CrashPoint::emit_done_before_rows: return "emit-done-before-rows";
    case CrashPoint::write_partial: return "write-partial";
    case CrashPoint::rows_before_state: return "rows-before-state";
    case CrashPoint::state_before_persisted: return "state-before-persisted";
    case CrashPoint::state_before_checkpoint: return "state-before-checkpoint";
    case CrashPoint::checkpoint_written: return "checkpoint-written";
  }
  IRIS_CHECK(false);
  return {};
}

}  // namespace iris::log
