#include "app/irisd.h"

#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <iostream>
#include <optional>

#include "app/command_line.h"
#include "app/config_doc.h"
#include "app/config_file.h"
#include "app/data_lock.h"
#include "app/files.h"
#include "app/listeners.h"
#include "app/secrets.h"
#include "app/server.h"
#include "app/start_check.h"
#include "app/version.h"
#include "app/xeps_doc.h"
#include "base/log.h"
#include "io/system_random.h"

namespace iris::app {
namespace {

using What = IrisdCommand::What;

int usage() { return static_cast<int>(Exit::usage); }
int good() { return static_cast<int>(Exit::good); }

int make_folder_for(const InitOptions& options) {
  auto told = init(options);
  if (!told) {
    std::cerr << "irisd: " << told.error().message << "\n";
    return told.error().code == base::Errc::invalid ? usage() : static_cast<int>(Exit::failed);
  }
  for (const std::string& line : *told) std::cout << line << "\n";
  return good();
}

std::optional<Config> load(const std::string& path) {
  auto loaded = load_config(path);
  if (auto* problems = std::get_if<ConfigProblems>(&loaded)) {
    for (const ConfigProblem& problem : *problems) std::cerr << problem.to_string() << "\n";
    return std::nullopt;
  }
  return std::get<Config>(std::move(loaded));
}

// What can be known without opening the data, which may be in use.
int check(const std::string& path) {
  const auto config = load(path);
  if (!config) return usage();
  if (auto tls = TlsContexts::make(*config); !tls) {
    std::cerr << path << ": " << tls.error().message << "\n";
    return usage();
  }
  for (const std::string& warning : config_warnings(*config)) std::cerr << path << ": warning: " << warning << "\n";
  if (auto good = check_start(*config); !good) {
    const bool refused = good.error().code == base::Errc::invalid;
    std::cerr << path << (refused ? ": " : ": warning: ") << good.error().message << "\n";
    if (refused) return usage();
  }
  std::cout << path << " is good\n";
  return good();
}

int refuse(const base::Error& error) {
  base::flush_log();  // so that this comes last
  std::cerr << "irisd: " << error.message << "\n";
  if (error.code == base::Errc::already_exists) return static_cast<int>(Exit::unavailable);
  return error.code == base::Errc::invalid ? usage() : static_cast<int>(Exit::failed);
}

// Only root may go beyond the hard limit. Returns what there is.
std::size_t raise_open_files(std::size_t wanted) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return wanted;
  rlimit more{.rlim_cur = wanted, .rlim_max = std::max<rlim_t>(wanted, limit.rlim_max)};
  if (::setrlimit(RLIMIT_NOFILE, &more) == 0) return wanted;
  more = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &more);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  base::log(base::Level::info, "fewer open files than server.open_files asks for",
            {{"wanted", wanted}, {"granted", limit.rlim_cur}});
  return limit.rlim_cur;
}

// Each connection takes a descriptor, and strangers must not take those of the store: a log that cannot be opened is a
// disk that fails. What is for neither is for loops, those who watch, and much that is open for a moment only:
// RocksDB's logs, listeners, the configuration, the operator's socket.
void share_open_files(Config& config, std::size_t granted) {
  constexpr std::size_t kMuch = 128;
  constexpr std::size_t kPerLoop = 4;  // an epoll descriptor, an eventfd, and as much again to spare
  const std::size_t loops = config.loops == 0 ? cores() : config.loops;
  const std::size_t own = kMuch + kPerLoop * loops + kMetricsConnectionsMax * config.listen.metrics.size();
  config.storage.open_files_max = std::min(config.storage.open_files_max, granted / 4);
  const std::size_t taken = config.storage.open_files_max + own;
  const std::size_t connections = std::max(granted > taken ? granted - taken : 0, granted / 4);
  config.listener.budget = std::make_shared<net::ConnectionBudget>(connections);
  if (connections < config.listener.connections_max)
    base::log(base::Level::info, "fewer connections than listen.connections_max allows",
              {{"connections", connections}, {"open_files", granted}});
}

// Blocked in every thread; the main thread waits for them.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

// What a start that cannot be completed leaves behind; then the main thread is woken by a signal.
struct Failure {
  std::atomic_flag claimed;  // loops may fail at the same time: the first one tells
  std::atomic_flag told;
  std::optional<base::Error> error;
};

void tell_keys(const char* what, const std::vector<std::string>& keys) {
  std::string all;
  for (const std::string& key : keys) all += (all.empty() ? "" : ", ") + key;
  if (!keys.empty()) base::log(base::Level::info, what, {{"keys", all}});
}

void log_warnings(const Config& config) {
  for (const std::string& warning : config_warnings(config)) base::log(base::Level::warn, warning);
}

// All of it is good, or nothing changes.
void reload(Server& server, const std::string& path) {
  auto loaded = load_config(path);
  if (auto* problems = std::get_if<ConfigProblems>(&loaded)) {
    for (const ConfigProblem& problem : *problems)
      base::log(base::Level::error, "configuration not taken, the old one stays in use",
                {{"error", problem.to_string()}});
    return;
  }
  const Config& fresh = std::get<Config>(loaded);
  const auto changes = server.reload(fresh);
  if (!changes)
    return base::log(base::Level::error, "configuration not taken, the old one stays in use",
                     {{"error", changes.error().message}});
  log_warnings(fresh);
  tell_keys("keys changed", changes->taken);
  tell_keys("keys wait for a restart", changes->waiting);
  // The last line: who waits for it has all that there is to know.
  base::log(base::Level::info, "configuration and certificate read again", {{"file", path}});
}

int serve(Server& server, const Config& config, Failure& failure, const sigset_t& signals) {
  server.start([&server, &config] {
    std::cout << "Iris " << kVersion << " serves " << config.domain << "\n" << server.describe() << std::flush;
    base::log(base::Level::info, "ready", {{"domain", config.domain}});
  });
  for (;;) {
    int signal = 0;
    if (::sigwait(&signals, &signal) != 0) continue;
    if (failure.told.test()) return refuse(*failure.error);
    if (signal == SIGHUP) {
      reload(server, config.file);
      continue;
    }
    base::log(base::Level::info, "stopping", {{"signal", signal == SIGINT ? "INT" : "TERM"}});
    if (server.stop())
      base::log(base::Level::info, "stopped in order");
    else
      base::log(base::Level::warn, "stopped before all was written; the next start reads the log on");
    return good();
  }
}

int run(const std::string& path) {
  const sigset_t signals = block_signals();
  auto config = load(path);
  if (!config) return usage();
  base::set_log_level(config->log_level);
  log_warnings(*config);
  if (auto made = make_folder(config->data, 0700); !made) return refuse(made.error());
  auto lock = DataLock::take(config->data);
  if (!lock) return refuse(lock.error());
  share_open_files(*config, raise_open_files(config->open_files));
  auto secrets = read_or_make_secrets(config->data, io::system_random());
  if (!secrets) return refuse(secrets.error());
  Failure failure;
  int code = 0;
  {
    auto server = Server::open(*config, *secrets, [&failure](const base::Error& error) {
      if (failure.claimed.test_and_set()) return;
      failure.error = error;
      failure.told.test_and_set();
      ::kill(::getpid(), SIGTERM);
    });
    code = server ? serve(**server, *config, failure, signals) : refuse(server.error());
  }
  base::flush_log();
  return code;
}

}  // namespace

int irisd_main(int argc, const char* const* argv) {
  auto parsed = parse_irisd(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& command = std::get<IrisdCommand>(parsed);
  switch (command.what) {
    case What::init: return make_folder_for(command.init);
    case What::check_config: return check(command.config);
    case What::print_config_doc: std::cout << config_doc(); return good();
    case What::print_xeps: std::cout << xeps_doc(); return good();
    case What::print_stanza_table: std::cout << stanza_table_doc(); return good();
    case What::print_doap: std::cout << doap_xml(); return good();
    case What::run: return run(command.config);
  }
  return usage();
}

}  // namespace iris::app
