// The facts of the deployment (see app/deployment.h and rule L2) in a small file beside the database, for those who
// cannot open that because a server has: `irisd --check-config`, SIGHUP. The database has the truth; each start writes
// the file again.
#pragma once
#include <cstddef>
#include <string>

#include "app/config.h"
#include "base/result.h"

namespace iris::app {

base::Status write_deployment_file(const std::string& folder, const std::string& domain, std::size_t partitions);

// Errc::invalid: server.domain or server.partitions are not those of the data in server.data; the message says what to
// do. Any other error: there is data, and what it was made with cannot be known here.
base::Status check_deployment_file(const Config& config);

}  // namespace iris::app
