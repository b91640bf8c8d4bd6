// A running Iris: loops, storage, a Place per loop, listeners, admin socket. Built, started and stopped by the main
// thread.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "app/config_live.h"
#include "app/secrets.h"
#include "base/callback.h"
#include "base/result.h"

namespace iris::app {

// That this process may use: a container often has fewer than the machine.
std::size_t cores();

class Server {
 public:
  // Opens storage, certificate and web client, and binds the metrics page and the admin socket: all that can be wrong
  // with a deployment shows here. `failed` may be called later, from any thread, when a start cannot be completed.
  static base::Result<std::unique_ptr<Server>> open(Config config, const Secrets& secrets,
                                                    std::function<void(const base::Error&)> failed);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Runs the loops and takes the partitions over. `ready` runs on a loop when clients are accepted.
  void start(std::function<void()> ready);
  // Takes over what can change live, and reads the certificate again (SIGHUP). On an error nothing has changed.
  base::Result<ConfigChanges> reload(const Config& fresh);
  // In order: no new clients, sessions ended, shards persisted and checkpointed. Blocks, at most shutdown_timeout;
  // false if that was not enough (nothing acknowledged is lost by it).
  bool stop();

  // Where it listens, a line each, for people. When ready.
  std::string describe() const;
  // The first address of a key in [listen], with its real port. When ready.
  std::optional<net::Address> address_of(std::string_view name) const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iris::app
