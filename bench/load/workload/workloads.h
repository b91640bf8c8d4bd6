// The workloads, one file each. Each brings its people in, does its work, and says what it found.
#pragma once
#include "load/options.h"

namespace iris::load {

Exit run_chat(const CommonOptions& common, const ChatOptions& options);
Exit print_accounts(const CommonOptions& common, const AccountsOptions& options);

}  // namespace iris::load
