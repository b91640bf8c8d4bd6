// The parts of a Server, in the order in which they are built; destroyed in reverse. Included by server*.cc only.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>
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
        failed(std::move(f)),
        loops(config.loops, "loop"),
        bus(config.node),
        key_worker({.name = "keys", .threads = config.key_threads}) {}

  Config config;  // complete: node, domain and incarnation are in the options of the folders
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
};

}  // namespace iris::app
