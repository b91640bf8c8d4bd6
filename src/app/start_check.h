// What a start would refuse although the file alone is good. Looked for before it is too late: by `irisd
// --check-config`, and at SIGHUP.
#pragma once
#include "app/config.h"
#include "base/result.h"

namespace iris::app {

// Errc::invalid: a start would be refused, and why. Any other error: something could not be checked, and what. The
// database is left alone: a server may have it open. Reads files; certificate and key are checked by TlsContexts.
base::Status check_start(const Config& config);

}  // namespace iris::app
