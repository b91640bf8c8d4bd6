// A session's id as records and Bus messages carry it.
#pragma once
#include "base/ids.h"
#include "record/record.pb.h"

namespace iris::record {

inline SessionRef session_ref(const base::SessionId& id) {
  SessionRef ref;
  ref.set_incarnation(id.incarnation);
  ref.set_loop(id.loop);
  ref.set_number(id.number);
  return ref;
}

inline base::SessionId session_id(const SessionRef& ref) { return {ref.incarnation(), ref.loop(), ref.number()}; }

}  // namespace iris::record
