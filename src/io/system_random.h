// The operating system's chance, by way of OpenSSL's generator.
#pragma once
#include "io/loop.h"

namespace iris::io {

// One for the process; any thread. Good enough for keys, tokens and stream ids.
Random& system_random();

}  // namespace iris::io
