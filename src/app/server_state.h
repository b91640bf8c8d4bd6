// The parts of a Server, in the order in which they are built; destroyed in reverse. Included by server*.cc only.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/admin_socket.h"
#include "app/config.h"
#include "app/listeners.h"
#include "app/place.h"
#include "app/server.h"
#include "app/storage.h"
#include "bus/local_bus.h"
#include "io/loop_pool.h"
#include "io/worker.h"
#include "net/http_site.h"
#include "net/tls.h"

namespace iris::app {

struct Server::State {
  State(Config c, std::function<void(const base::Error&)> f)
      : config(std::move(c)),
        shutdown_timeout(config.shutdown_timeout),
        registration(config.edge.registration),
        failed(std::move(f)),
        loops(config.loops, "loop"),
        bus(config.node),
        key_worker({.name = "keys", .threads = config.key_threads}) {}

  const Config config;  // as of the start, complete: node, domain and incarnation are in the options of the folders
  Config written;       // as the file had it when it was last taken, and complete; main thread
  base::Duration shutdown_timeout;  // main thread
  std::atomic<edge::Registration> registration;
  std::optional<std::pair<std::size_t, std::size_t>> limits;  // of listeners, once reloaded; loop 0
  std::function<void(const base::Error&)> failed;
  std::function<void()> ready;
  io::LoopPool loops;
  bus::LocalBus bus;
  std::unique_ptr<Storage> storage;
  io::Worker key_worker;
  TlsContexts tls;
  std::vector<std::unique_ptr<Place>> places;
  std::shared_ptr<const net::HttpSite> web_site;
  std::shared_ptr<const net::HttpSite> admin_site;
  Listeners client_listeners;
  Listeners metrics_listeners;
  std::unique_ptr<admin::AdminSocket> admin_socket;
  std::atomic<bool> is_ready{false};
  std::atomic<bool> stopping{false};
  bool stopped = false;

  Place& place_of(const io::Loop& loop);
  void announce(base::PartitionId partition, const bus::Owner& owner);
  void take_over();
  void listen_to_clients();
  void set_listener_limits();
};

}  // namespace iris::app
