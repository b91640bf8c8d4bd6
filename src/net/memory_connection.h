// Two connections joined in memory, for tests and simulation: what one writes the other's handler gets, by posts.
#pragma once
#include <memory>
#include <utility>

#include "net/connection.h"

namespace iris::net {

// Bytes arrive in pieces of at most `piece` bytes (0: as written). start_tls() pretends: on_tls follows, nothing is
// encrypted, and there is no channel binding. Each end is open, and starts to deliver, once its handler is set; a
// simulated node's crash is a reset to the other end. Loops are simulated, or one loop, or two real ones of which no
// end is moved away.
std::pair<std::shared_ptr<Connection>, std::shared_ptr<Connection>> make_memory_pair(io::Loop& first, io::Loop& second,
                                                                                     ConnectionOptions options = {},
                                                                                     std::size_t piece = 0);

}  // namespace iris::net
