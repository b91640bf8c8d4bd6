// A whole deployment in one process: log, store and Bus that outlive crashes, and one node after another that lives on
// them. The real shards, modules and sessions run here; only the doors to the world are simulated.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/sim_bus.h"
#include "edge/edge.h"
#include "io/sim_loop.h"
#include "log/sim_log.h"
#include "module/registry.h"
#include "shard/shard_host.h"
#include "store/ordered_committer.h"
#include "store/sim_store.h"

namespace iris::sim {

inline constexpr std::uint32_t kPartitions = 8;
inline constexpr std::uint32_t kLoops = 2;

class Cluster;

// One life of a process.
class Node {
 public:
  Node(Cluster& cluster, std::uint64_t incarnation);
  ~Node();

  bool is_alive() const { return alive_; }
  bool is_ready() const { return ready_ == kLoops; }
  void kill();  // kill -9: nothing runs any more; safe from inside its own calls
  edge::Edge& edge(std::uint32_t loop) { return *edges_[loop]; }
  std::string stopped() const { return stopped_; }  // why a partition is not served, empty: all are

 private:
  void on_bus(std::uint32_t loop, record::BusMessage&& message);

  Cluster& cluster_;
  bool alive_ = true;
  std::uint32_t ready_ = 0;
  std::string stopped_;
  edge::Options edge_options_;
  std::vector<io::SimLoop*> loops_;
  std::unique_ptr<bus::SimBus> bus_;
  std::vector<std::unique_ptr<bus::Owners>> owners_;
  std::vector<shard::Modules> modules_;
  std::vector<std::unique_ptr<shard::ShardHost>> hosts_;
  std::vector<std::unique_ptr<edge::Edge>> edges_;
};

class Cluster {
 public:
  explicit Cluster(std::uint64_t seed);

  io::SimWorld world;
  log::SimFaults faults;
  log::SimLog log;
  store::SimStore store;
  bus::SimBusNet bus;
  // Sees what comes over the Bus for a session, and hands it on to its edge by calling `pass`.
  std::function<void(const record::BusMessage&, const std::function<void()>& pass)> on_edge_message;

  // Adds what every account's creation leaves in the log.
  void create_account(const std::string& jid);
  void start_node();
  void kill_node();
  // Null when none lives.
  Node* node() { return node_ && node_->is_alive() ? node_.get() : nullptr; }
  std::uint64_t lives() const { return incarnation_; }
  // Runs for a while; buries what died meanwhile.
  void run_for(base::Duration span);

 private:
  friend class Node;
  io::SimLoop& admin_;
  std::uint64_t incarnation_ = 0;
  std::unique_ptr<Node> node_;
};

}  // namespace iris::sim
