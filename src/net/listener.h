// Accepts connections and deals them to the loops.
#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/connection.h"

namespace iris::net {

// Connections that may be open at once in all listeners that share it: each takes a descriptor of the process. Who
// comes while there is no room waits in the kernel's queue. Taken on the thread on which the listeners accept, given
// back on any.
class ConnectionBudget {
 public:
  explicit ConnectionBudget(std::size_t max) : left_(static_cast<std::ptrdiff_t>(max)) {}
  bool has_room() const { return left_.load(std::memory_order_relaxed) > 0; }
  void take() { left_.fetch_sub(1, std::memory_order_relaxed); }
  void give_back() { left_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<std::ptrdiff_t> left_;
};

struct ListenerOptions {
  Address address;                           // port 0: any free one, see Listener::address()
  std::string unix_path;                     // not empty: a socket in the file system instead, mode 0600
  std::string name = "main";                 // label of its metrics; configuration, not a peer, chooses it
  std::shared_ptr<TlsContext> tls;           // not null: TLS from the first byte, on_data only after on_tls
  std::size_t connections_max = 100'000;     // open at once; beyond it, accepted and closed at once
  std::size_t connections_per_ip_max = 0;    // the same for one IP address; 0: no limit (proxies, benchmarks)
  std::shared_ptr<ConnectionBudget> budget;  // likewise for all listeners together; null: no limit
  int backlog = 1024;                        // the kernel's queue: a storm of reconnections waits there
  // Under way on one loop; beyond it new connections wait for their turn. 0: those of this listener never wait.
  std::size_t tls_handshakes_max = 128;
  base::Duration accept_pause = std::chrono::milliseconds{100};  // when out of descriptors, memory, budget
  ConnectionOptions connection;
};

// One acceptor for all loops, dealing in turn, rather than SO_REUSEPORT: the kernel spreads by a hash, unevenly, and
// resets what waits in a listener's queue when that listener closes; and limits by address need one place that
// counts. Accepting is cheap beside the handshake, which runs on the loop that got the connection.
class Listener {
 public:
  // Runs on the new connection's loop, from several threads if there are several loops. Returns its handler; null
  // closes the connection.
  using Factory = std::function<std::shared_ptr<ConnectionHandler>(const std::shared_ptr<Connection>&)>;

  // Listens at once; accepts on loops[0], which must run or be about to. Errc::invalid for an address that cannot be
  // bound. Call on loops[0]'s thread, or before the loops run.
  static base::Result<std::unique_ptr<Listener>> start(std::vector<io::Loop*> loops, ListenerOptions options,
                                                       Factory factory);
  // Stops listening; open connections stay. On loops[0]'s thread, or when the loops have stopped and still exist.
  ~Listener();

  const Address& address() const;        // with the real port
  std::size_t connection_count() const;  // any thread
  // As the options of these names, from now on. Any thread.
  void set_limits(std::size_t connections_max, std::size_t connections_per_ip_max);

 private:
  struct State;
  explicit Listener(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace iris::net
