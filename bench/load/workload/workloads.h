// The workloads, one file each. Each brings its people in, does its work, and says what it found.
#pragma once
#include "load/options.h"

namespace iris::load {

Exit run_chat(const CommonOptions& common, const ChatOptions& options);
Exit run_idle(const CommonOptions& common, const IdleOptions& options);
Exit run_login(const CommonOptions& common, const LoginOptions& options);
Exit run_storm(const CommonOptions& common, const StormOptions& options);
Exit run_offline(const CommonOptions& common, const OfflineOptions& options);
Exit run_archive(const CommonOptions& common, const ArchiveOptions& options);
Exit run_presence(const CommonOptions& common, const PresenceOptions& options);
Exit print_accounts(const CommonOptions& common, const AccountsOptions& options);

}  // namespace iris::load
