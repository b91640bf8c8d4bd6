// iris-bench, a load generator for XMPP servers. See bench/load/.
#include "load/command_line.h"
#include "load/workload/workloads.h"

namespace {

using namespace iris::load;

struct Runner {
  const CommonOptions& common;
  Exit operator()(const ChatOptions& options) const { return run_chat(common, options); }
  Exit operator()(const IdleOptions& options) const { return run_idle(common, options); }
  Exit operator()(const LoginOptions& options) const { return run_login(common, options); }
  Exit operator()(const StormOptions& options) const { return run_storm(common, options); }
  Exit operator()(const OfflineOptions& options) const { return run_offline(common, options); }
  Exit operator()(const ArchiveOptions& options) const { return run_archive(common, options); }
  Exit operator()(const PresenceOptions& options) const { return run_presence(common, options); }
  Exit operator()(const AccountsOptions& options) const { return print_accounts(common, options); }
};

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = parse_command_line(argc, argv);
  if (const auto* exit = std::get_if<Exit>(&parsed)) return static_cast<int>(*exit);
  const auto& options = std::get<Options>(parsed);
  return static_cast<int>(std::visit(Runner{options.common}, options.workload));
}
