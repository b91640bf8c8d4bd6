#include "app/server.h"

#include <sched.h>
#include <sys/utsname.h>
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "app/account_transfer.h"
#include "app/admin_commands.h"
#include "app/deployment.h"
#include "app/deployment_file.h"
#include "app/probes.h"
#include "app/server_state.h"
#include "app/session_commands.h"
#include "app/sites.h"
#include "app/start_check.h"
#include "app/status_command.h"
#include "app/version.h"
#include "base/check.h"
#include "base/log.h"
#include "io/system_random.h"
#include "module/registry.h"

namespace iris::app {

std::size_t cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
}

namespace {

std::string operating_system() {
  utsname name{};
  return ::uname(&name) == 0 ? std::string(name.sysname) + ' ' + name.release : std::string();
}

// What the folders' options must agree on, and what comes from elsewhere than the file.
void complete(Config& config, const Secrets& secrets) {
  std::uint64_t incarnation = 0;
  while (incarnation == 0) incarnation = io::system_random().next();
  if (config.loops == 0) config.loops = cores();
  if (config.key_threads == 0) config.key_threads = std::max<std::size_t>(1, cores() / 2);
  config.shard.node = config.edge.node = config.node;
  config.shard.domain = config.edge.domain = config.domain;
  config.shard.incarnation = config.edge.incarnation = incarnation;
  config.shard.archive_key = secrets.archive_key;
  config.edge.secret = secrets.edge_key;
  config.edge.software_version = kVersion;
  config.edge.operating_system = operating_system();
  config.edge.module_features = module::domain_features();
  config.storage.directory = config.data;
  config.storage.partitions = config.shard.partitions;
}

// Without limits of rate, what stands in their places does not count.
Config with_rates(Config config) {
  if (!config.rate_limits) {
    config.edge.registrations_per_minute = 1e9;
    config.edge.stanzas_per_second = 0;
    config.listener.connections_per_ip_max = 0;
  }
  return config;
}

// Runs `call` on each loop's thread and waits until all have called back, or until the time is over.
bool on_all(io::LoopPool& loops, base::Duration timeout,
            const std::function<void(std::size_t, base::Callback<void()>)>& call) {
  struct Waiting {
    std::mutex mutex;
    std::condition_variable all;
    std::size_t left;
  };
  auto waiting = std::make_shared<Waiting>();
  waiting->left = loops.size();
  for (std::size_t i = 0; i < loops.size(); ++i)
    loops.at(i).post([waiting, call, i] {
      call(i, [waiting] {
        std::lock_guard lock(waiting->mutex);
        if (--waiting->left == 0) waiting->all.notify_all();
      });
    });
  std::unique_lock lock(waiting->mutex);
  return waiting->all.wait_for(lock, timeout, [&] { return waiting->left == 0; });
}

}  // namespace

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

base::Result<std::unique_ptr<Server>> Server::open(Config config, const Secrets& secrets,
                                                   std::function<void(const base::Error&)> failed) {
  const Config given = config;
  complete(config, secrets);
  auto state = std::make_unique<State>(with_rates(config), std::move(failed));
  State& s = *state;
  s.written = std::move(config);
  s.written.loops = given.loops;
  s.written.key_threads = given.key_threads;

  auto tls = TlsContexts::make(s.config);
  if (!tls) return tls.error();
  s.tls = std::move(tls).value();
  auto storage = open_rocks_storage(s.config.storage);
  if (!storage) return storage.error();
  s.storage = std::move(storage).value();

  std::vector<edge::Edge*> edges;
  const auto loops = static_cast<std::uint32_t>(s.loops.size());
  for (std::uint32_t i = 0; i < loops; ++i) {
    s.places.push_back(std::make_unique<Place>(
        s.loops.at(i), i, loops, *s.storage, s.bus, s.key_worker, s.tls.starttls, s.config.shard, s.config.edge,
        [&s](base::PartitionId partition, const bus::Owner& owner) { s.announce(partition, owner); }));
    edges.push_back(&s.places.back()->edge());
  }
  for (edge::Edge* edge : edges) edge->set_peers(edges);

  auto web = make_web_site(s.config, s.registration, [&s](const std::shared_ptr<net::WebSocketConnection>& connection) {
    return s.place_of(connection->loop()).edge().accept(connection);
  });
  if (!web) return web.error();
  s.web_site = std::move(web).value();
  s.admin_site = make_admin_site(make_probes(s.is_ready, s.stopping, s.places));
  auto metrics = listen_to_metrics(s.config, s.loops.all(), s.admin_site);
  if (!metrics) return metrics.error();
  s.metrics_listeners = std::move(metrics).value();

  s.admin_socket = std::make_unique<admin::AdminSocket>(
      s.loops.at(0), admin::AdminSocketOptions{.path = s.config.data + "/irisd.sock"});
  const AdminWorld world{s.config,     s.places,        s.storage->store(), s.storage->log(),
                         s.key_worker, *s.tls.starttls, s.is_ready};
  add_admin_commands(*s.admin_socket, world);
  add_session_commands(*s.admin_socket, world);
  add_status_command(*s.admin_socket, world);
  add_transfer_commands(*s.admin_socket, world);
  if (auto started = s.admin_socket->start(); !started) return started.error();
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Place& Server::State::place_of(const io::Loop& loop) {
  for (auto& place : places)
    if (&place->loop() == &loop) return *place;
  IRIS_CHECK(false && "a connection lives on a loop of ours");
}

void Server::State::announce(base::PartitionId partition, const bus::Owner& owner) {
  for (auto& place : places)
    place->loop().post([place = place.get(), partition, owner] { place->owners().announce(partition, owner); });
}

void Server::start(std::function<void()> ready) {
  State& s = *state_;
  s.ready = std::move(ready);
  s.loops.at(0).post([&s] {
    check_deployment(s.storage->store(), s.loops.at(0), {s.config.domain, s.config.shard.archive_key},
                     [&s](base::Status same) {
                       if (!same) return s.failed(same.error());
                       auto told = write_deployment_file(s.config.data, s.config.domain, s.config.shard.partitions);
                       if (!told)
                         base::log(base::Level::warn, "--check-config will not know what the data was made with",
                                   {{"error", told.error().message}});
                       s.take_over();
                     });
  });
  s.loops.start();
}

// On loop 0.
void Server::State::take_over() {
  auto left = std::make_shared<std::size_t>(places.size());
  for (auto& place : places) {
    place->loop().post([this, left, place = place.get()] {
      place->start([this, left](base::Status served) {
        if (!served) return failed(served.error());
        loops.at(0).post([this, left] {
          if (--*left == 0) listen_to_clients();
        });
      });
    });
  }
}

// On loop 0.
void Server::State::listen_to_clients() {
  if (stopping) return;
  auto listeners =
      app::listen_to_clients(config, loops.all(), tls, web_site,
                             [this](const io::Loop& loop) -> edge::Edge& { return place_of(loop).edge(); });
  if (!listeners) return failed(listeners.error());
  client_listeners = std::move(listeners).value();
  set_listener_limits();  // a reload may have come first
  is_ready = true;
  ready();
}

base::Result<ConfigChanges> Server::reload(const Config& fresh) {
  State& s = *state_;
  // First what can fail, so that all is taken or nothing; and what the next start would refuse.
  if (auto good = check_start(fresh); !good) {
    if (good.error().code == base::Errc::invalid) return good.error();
    base::log(base::Level::warn, good.error().message);
  }
  if (auto done = s.tls.reload(fresh.certificate, fresh.certificate_key); !done) return done.error();
  auto changes = take_live(s.written, fresh);
  auto live = std::make_shared<const Config>(with_rates(s.written));
  s.shutdown_timeout = live->shutdown_timeout;
  s.registration = live->edge.registration;
  base::set_log_level(live->log_level);
  for (auto& place : s.places)
    place->loop().post([place = place.get(), live] { place->reconfigure(live->shard, live->edge); });
  s.loops.at(0).post([&s, live] {
    s.limits = {live->listener.connections_max, live->listener.connections_per_ip_max};
    s.set_listener_limits();
  });
  return changes;
}

// On loop 0.
void Server::State::set_listener_limits() {
  if (!limits) return;
  for (NamedListener& one : client_listeners) one.listener->set_limits(limits->first, limits->second);
}

bool Server::stop() {
  State& s = *state_;
  if (std::exchange(s.stopped, true)) return true;
  s.stopping = true;
  const base::Duration timeout = s.shutdown_timeout;
  const bool in_order = on_all(s.loops, timeout, [&s](std::size_t i, base::Callback<void()> done) {
    if (i == 0) s.client_listeners.clear();
    s.places[i]->stop(std::move(done));
  });
  s.loops.stop();
  return in_order;
}

Server::~Server() {
  state_->stopping = true;
  state_->loops.stop();
}

std::string Server::describe() const {
  struct Kind {
    const char* name;
    const char* text;
    const char* scheme;
    const char* path;
  };
  constexpr Kind kKinds[] = {{"starttls", "XMPP, STARTTLS   ", "", ""},
                             {"direct_tls", "XMPP, direct TLS ", "", ""},
                             {"http", "web and WebSocket", "http://", "/"},
                             {"https", "the same with TLS", "https://", "/"},
                             {"metrics", "metrics, health  ", "http://", "/metrics"}};
  std::string out;
  for (const Kind& kind : kKinds) {
    std::string addresses;
    for (const Listeners* list : {&state_->client_listeners, &state_->metrics_listeners})
      for (const NamedListener& one : *list)
        if (one.name == kind.name)
          addresses += std::string(" ") + kind.scheme + one.listener->address().to_string() + kind.path;
    if (!addresses.empty()) out += std::string("  ") + kind.text + addresses + "\n";
  }
  return out;
}

std::optional<net::Address> Server::address_of(std::string_view name) const {
  for (const Listeners* list : {&state_->client_listeners, &state_->metrics_listeners})
    for (const NamedListener& one : *list)
      if (one.name == name) return one.listener->address();
  return std::nullopt;
}

}  // namespace iris::app
