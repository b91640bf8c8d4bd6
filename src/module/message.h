// One-to-one messages that the stanza table says are logged: into the sender's archive, to the recipient's inbox, to
// the sessions that are due (RFC 6121 §5, §8.5; XEP-0160). Reads no payload: all it needs was decided at the sender's
// edge.
//
// A message to oneself is kept once, as received.
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_message();

}  // namespace iris::module
