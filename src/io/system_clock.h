// The machine's clocks.
#pragma once
#include "io/loop.h"

namespace iris::io {

// One for the process; any thread. wall() may jump when the machine's clock is set, steady() never goes back.
Clock& system_clock();

}  // namespace iris::io
