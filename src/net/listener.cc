#include "net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "base/check.h"
#include "base/log.h"
#include "base/metrics.h"
#include "io/epoll_loop.h"
#include "io/fd_watch.h"
#include "net/entrance.h"
#include "net/socket_address.h"
#include "net/socket_connection.h"

namespace iris::net {
namespace {

using base::Errc;
using base::Error;

enum class Outcome { taken, over_max, over_max_per_ip, failed };
base::Counter kAccepted{
    "iris_net_accepted_total",
    "Connections that arrived, by what became of them.",
    {base::dynamic_label("listener", 16), {"outcome", {"taken", "over_max", "over_max_per_ip", "failed"}}}};

constexpr base::Duration kComplaintInterval = std::chrono::seconds{10};
constexpr int kAcceptsPerTurn = 64;  // then the loop's connections get their turn

// Open connections of one listener; a lease for each, which ends on the connection's loop, so there is a lock. It is
// taken when a connection comes and goes, never for a message.
class Quota : public std::enable_shared_from_this<Quota> {
 public:
  explicit Quota(const ListenerOptions& options)
      : budget_(options.budget), max_(options.connections_max), max_per_ip_(options.connections_per_ip_max) {}

  std::shared_ptr<void> take(const std::string& ip, Outcome& outcome) {
    std::lock_guard lock(mutex_);
    if (total_ >= max_) return outcome = Outcome::over_max, nullptr;
    const auto found = by_ip_.find(ip);
    if (max_per_ip_ > 0 && found != by_ip_.end() && found->second >= max_per_ip_)
      return outcome = Outcome::over_max_per_ip, nullptr;
    if (budget_) budget_->take();
    ++by_ip_[ip];
    ++total_;
    outcome = Outcome::taken;
    return {static_cast<void*>(this), [self = shared_from_this(), ip](void*) { self->give_back(ip); }};
  }
  // For those that come from now on; who is there stays.
  void set(std::size_t max, std::size_t max_per_ip) {
    std::lock_guard lock(mutex_);
    max_ = max, max_per_ip_ = max_per_ip;
  }
  std::size_t total() const {
    std::lock_guard lock(mutex_);
    return total_;
  }

 private:
  void give_back(const std::string& ip) {
    if (budget_) budget_->give_back();
    std::lock_guard lock(mutex_);
    --total_;
    const auto found = by_ip_.find(ip);
    if (--found->second == 0) by_ip_.erase(found);
  }

  const std::shared_ptr<ConnectionBudget> budget_;
  mutable std::mutex mutex_;
  std::size_t max_, max_per_ip_;
  std::size_t total_ = 0;
  std::unordered_map<std::string, std::size_t> by_ip_;  // only addresses with open connections
};

Error cannot_listen(const std::string& where, const char* call) {
  return {Errc::invalid, "cannot listen on " + where + ": " + call + ": " + std::strerror(errno)};
}

base::Result<int> open_tcp(const ListenerOptions& options) {
  const std::string where = options.address.to_string();
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (!to_sockaddr(options.address, storage, size)) return Error{Errc::invalid, where + " is not a numeric address"};
  const int fd = ::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return cannot_listen(where, "socket");
  const int yes = 1;
  const char* failed = nullptr;
  if (::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) failed = "SO_REUSEADDR";
  // An address is what it says: [::] is all of IPv6, and 0.0.0.0 has its own listener beside it on the same port.
  if (failed == nullptr && storage.ss_family == AF_INET6 &&
      ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) != 0)
    failed = "IPV6_V6ONLY";
  if (failed == nullptr && ::bind(fd, reinterpret_cast<sockaddr*>(&storage), size) != 0) failed = "bind";
  if (failed == nullptr && ::listen(fd, options.backlog) != 0) failed = "listen";
  if (failed == nullptr) return fd;
  const Error error = cannot_listen(where, failed);
  ::close(fd);
  return error;
}

base::Result<int> open_unix(const ListenerOptions& options) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (options.unix_path.size() >= sizeof address.sun_path) {
    return Error{Errc::invalid, "the path " + options.unix_path + " is too long for a socket (107 bytes)"};
  }
  std::memcpy(address.sun_path, options.unix_path.c_str(), options.unix_path.size() + 1);
  struct stat old {};
  if (::lstat(options.unix_path.c_str(), &old) == 0) {
    if (!S_ISSOCK(old.st_mode)) return Error{Errc::invalid, options.unix_path + " exists and is not a socket"};
    ::unlink(options.unix_path.c_str());
  }
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return cannot_listen(options.unix_path, "socket");
  const char* failed = nullptr;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) failed = "bind";
  // Nobody can connect before listen(), so there is no moment at which others may.
  if (failed == nullptr && ::chmod(options.unix_path.c_str(), 0600) != 0) failed = "chmod";
  if (failed == nullptr && ::listen(fd, options.backlog) != 0) failed = "listen";
  if (failed == nullptr) return fd;
  const Error error = cannot_listen(options.unix_path, failed);
  ::close(fd);
  return error;
}

// The connection's first steps, on its loop.
void introduce(const std::shared_ptr<SocketConnection>& connection, const std::shared_ptr<TlsContext>& tls,
               const Listener::Factory& factory) {
  if (tls) connection->start_tls(tls);
  auto handler = factory(connection);
  if (handler == nullptr) return connection->close(CloseMode::abort);
  connection->start(std::move(handler));
}

}  // namespace

// Held by the listener and by calls on their way; after close() they find no socket and do nothing.
struct Listener::State : std::enable_shared_from_this<State> {
  State(std::vector<io::Loop*> l, ListenerOptions o, Factory f, int listening)
      : loops(std::move(l)),
        options(std::move(o)),
        factory(std::make_shared<const Factory>(std::move(f))),
        fd(listening),
        address(local_address_of(listening)),
        quota(std::make_shared<Quota>(options)),
        label(kAccepted.label_value(0, options.name)),
        watch(std::make_unique<io::FdWatch>(io::EpollLoop::of(*loops.front()), listening)) {}

  void wait() {
    watch->when_readable([this] { accept_some(); });
  }

  void accept_some() {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
      if (options.budget && !options.budget->has_room()) return pause("all connections are taken");
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      const int accepted = ::accept4(fd, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) {
        deal(accepted, from_sockaddr(from));
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      if (errno == EINTR || errno == ECONNABORTED) continue;
      kAccepted.add(1, label, Outcome::failed);
      return pause(std::strerror(errno));
    }
    wait();
  }

  // Out of descriptors, memory or budget: the connection stays in the kernel's queue, and asking again at once would
  // only burn time.
  void pause(const char* why) {
    const base::SteadyTime now = loops.front()->clock().steady();
    if (now >= next_complaint) {
      next_complaint = now + kComplaintInterval;
      base::log(base::Level::warn, "cannot accept connections for a moment",
                {{"listener", options.name}, {"reason", why}});
    }
    timer = loops.front()->after(options.accept_pause, [this] {
      timer = {};
      accept_some();
    });
  }

  void deal(int accepted, Address peer) {
    Outcome outcome{};
    std::shared_ptr<void> lease = quota->take(peer.ip, outcome);
    kAccepted.add(1, label, outcome);
    if (lease == nullptr) {
      ::close(accepted);
      return;
    }
    io::EpollLoop& loop = io::EpollLoop::of(*loops[next_loop++ % loops.size()]);
    // The socket is owned by the call: if the loop ends before it runs, the socket is closed.
    auto connection = SocketConnection::adopt(loop, accepted, std::move(peer), options.connection, std::move(lease));
    loop.post([&loop, max = options.tls_handshakes_max, connection = std::move(connection), tls = options.tls,
               run = factory]() mutable {
      if (max == 0) return introduce(connection, tls, *run);
      Entrance::of(loop)->wait(max, [connection = std::move(connection), tls = std::move(tls), run = std::move(run)] {
        introduce(connection, tls, *run);
      });
    });
  }

  void close() {
    loops.front()->cancel(timer);
    watch.reset();
    ::close(fd);
    if (!options.unix_path.empty()) ::unlink(options.unix_path.c_str());
  }

  const std::vector<io::Loop*> loops;
  const ListenerOptions options;
  const std::shared_ptr<const Factory> factory;
  const int fd;
  const Address address;
  const std::shared_ptr<Quota> quota;
  const std::size_t label;
  std::unique_ptr<io::FdWatch> watch;
  io::TimerId timer{};
  base::SteadyTime next_complaint{};
  std::size_t next_loop = 0;
};

Listener::Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}

Listener::~Listener() { state_->close(); }

base::Result<std::unique_ptr<Listener>> Listener::start(std::vector<io::Loop*> loops, ListenerOptions options,
                                                        Factory factory) {
  IRIS_CHECK(!loops.empty() && factory);
  base::Result<int> fd = options.unix_path.empty() ? open_tcp(options) : open_unix(options);
  if (!fd) return fd.error();
  auto state = std::make_shared<State>(std::move(loops), std::move(options), std::move(factory), *fd);
  state->wait();
  return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

const Address& Listener::address() const { return state_->address; }

void Listener::set_limits(std::size_t connections_max, std::size_t connections_per_ip_max) {
  state_->quota->set(connections_max, connections_per_ip_max);
}

std::size_t Listener::connection_count() const { return state_->quota->total(); }

}  // namespace iris::net
