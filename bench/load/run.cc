#include "load/run.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace iris::load {
namespace {

constexpr Nanos kLineEvery = 5 * kSecond;  // where a line does not replace the one before
constexpr rlim_t kOtherFiles = 64;

bool raise_file_limit(rlim_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return true;
  limit.rlim_cur = wanted;
  if (limit.rlim_max < wanted) limit.rlim_max = wanted;  // root may
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace

Run::Run(const CommonOptions& options, std::string workload)
    : options_(options), target_(options.target), report_(std::move(workload)), terminal_(isatty(STDERR_FILENO) == 1) {
  Loop::stop_on_signals();
}

Run::~Run() = default;

bool Run::prepare(std::uint32_t connections) {
  auto endpoint = resolve(options_.host, options_.port);
  if (!endpoint) {
    complain(endpoint.error().message);
    return false;
  }
  target_.endpoint = *endpoint;
  if (!raise_file_limit(connections + kOtherFiles)) {
    complain("this needs " + std::to_string(connections + kOtherFiles) +
             " open files and the limit is lower: raise it (ulimit -n), or run as root");
    return false;
  }
  if (target_.transport != Transport::tcp && target_.transport != Transport::ws) {
    tls_ = std::make_unique<ClientTls>(target_.domain);
    target_.tls = tls_.get();
  }
  target_.keys = &keys_;
  if (!options_.keys_path.empty()) {
    if (const auto loaded = keys_.load(options_.keys_path); !loaded) complain(loaded.error().message);
  }
  report_.setting("label", options_.label);
  report_.setting("server", options_.host + ":" + std::to_string(options_.port));
  report_.setting("transport", transport_name(target_.transport));
  return true;
}

std::unique_ptr<Fleet> Run::log_in(Loop& loop, std::uint32_t count, Client::Wishes wishes,
                                   std::uint32_t accounts_before) {
  auto fleet = std::make_unique<Fleet>(loop, target_, wishes);
  const auto status = fleet->login({.first_account = options_.first_account + accounts_before * options_.account_step,
                                    .count = count,
                                    .account_step = options_.account_step,
                                    .parallel = options_.parallel,
                                    .progress = [&](std::size_t ready) {
                                      progress("logging in: " + std::to_string(ready) + " of " + std::to_string(count));
                                    }});
  if (!options_.keys_path.empty()) {
    if (const auto saved = keys_.save(options_.keys_path); !saved) complain(saved.error().message);
  }
  if (status && fleet->ready() == count) return fleet;
  complain(!status ? status.error().message
                   : std::to_string(count - fleet->ready()) + " of " + std::to_string(count) +
                         " sessions could not log in. " + fleet->failures_text());
  if (fleet->failures().contains("not-authorized"))
    complain("Are the accounts there, with this password? `iris-bench accounts --help` says how to make them.");
  else
    complain("Is a server at " + options_.host + ":" + std::to_string(options_.port) + ", and does it speak " +
             std::string(transport_name(target_.transport)) + " there?");
  return nullptr;
}

void Run::progress(const std::string& text) {
  if (options_.quiet) return;
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", text.c_str());
    std::fflush(stderr);
    line_open_ = true;
  } else if (now() >= line_due_) {
    line_due_ = now() + kLineEvery;
    std::fprintf(stderr, "%s\n", text.c_str());
  }
}

bool Run::wait(Loop& loop, const std::function<bool()>& done, double seconds,
               const std::function<std::string()>& text) {
  const Nanos deadline = now() + from_seconds(seconds);
  while (true) {
    if (loop.run_until(done, std::min(deadline, now() + kSecond))) return true;
    if (now() >= deadline || Loop::stopped()) return false;
    progress(text());
  }
}

void Run::complain(const std::string& text) {
  if (line_open_) std::fprintf(stderr, "\n");
  line_open_ = false;
  std::fprintf(stderr, "iris-bench: %s\n", text.c_str());
}

Exit Run::finish() {
  if (line_open_) std::fprintf(stderr, "\r\033[K");
  line_open_ = false;
  if (Loop::stopped()) report_.fault("interrupted");
  std::fputs(report_.table().c_str(), stdout);
  if (!options_.json_path.empty()) {
    if (options_.json_path == "-") {
      std::printf("%s\n", report_.json().c_str());
    } else {
      std::ofstream file(options_.json_path);
      file << report_.json() << "\n";
      file.close();
      if (!file) {
        complain("cannot write " + options_.json_path);
        return Exit::failed;
      }
    }
  }
  return report_.good() ? Exit::good : Exit::failed;
}

}  // namespace iris::load
