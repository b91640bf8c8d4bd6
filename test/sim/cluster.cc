#include "cluster.h"

#include "record/codec.h"
#include "record/partition.h"

namespace iris::sim {
namespace {

using namespace std::chrono_literals;

shard::Options shard_options(std::uint64_t incarnation) {
  shard::Options out;
  out.incarnation = incarnation;
  out.partitions = kPartitions;
  out.domain = "sim";
  out.checkpoint_interval = 200ms;  // often, so that crashes fall around them
  out.checkpoint_records = 50;
  out.log_margin = 5;
  out.entities_idle_max = 3;
  out.entity_idle = 500ms;
  out.window = 8;
  return out;
}

edge::Options edge_options(std::uint64_t incarnation) {
  edge::Options out;
  out.incarnation = incarnation;
  out.domain = "sim";
  out.secret = "secret of the simulated deployment";
  out.unacked_max = 64;
  out.inbound_max = 16;
  return out;
}

}  // namespace

Node::Node(Cluster& cluster, std::uint64_t incarnation)
    : cluster_(cluster),
      edge_options_(edge_options(incarnation)),
      bus_(std::make_unique<bus::SimBus>(cluster.bus, "local")) {
  auto name = "n" + std::to_string(incarnation) + ".";
  for (std::uint32_t i = 0; i < kLoops; ++i) {
    loops_.push_back(&cluster.world.add_loop(name + std::to_string(i)));
    owners_.push_back(std::make_unique<bus::Owners>(kPartitions));
    modules_.push_back(module::make_modules());
  }
  for (std::uint32_t i = 0; i < kLoops; ++i) {
    shard::ShardWorld world{*loops_[i], i, cluster.log, cluster.store, *bus_, *owners_[i], modules_[i]};
    hosts_.push_back(std::make_unique<shard::ShardHost>(
        shard_options(incarnation), world, kLoops,
        [this](io::Loop& loop) {
          return std::make_unique<store::OrderedCommitter>(
              cluster_.log, cluster_.store, loop, store::OrderedCommitterOptions{.hook = cluster_.faults.hook()});
        },
        [this](base::PartitionId partition, const bus::Owner& owner) {
          for (std::uint32_t j = 0; j < kLoops; ++j)
            loops_[j]->post([this, j, partition, owner] { owners_[j]->announce(partition, owner); });
        }));
    edges_.push_back(std::make_unique<edge::Edge>(
        edge::Wiring{*loops_[i], i, cluster.log, *bus_, *owners_[i], cluster.store, nullptr, nullptr}, edge_options_));
    bus_->attach(i, *loops_[i], [this, i](record::BusMessage&& message) { on_bus(i, std::move(message)); });
  }
  std::vector<edge::Edge*> peers;
  for (auto& edge : edges_) peers.push_back(edge.get());
  for (std::uint32_t i = 0; i < kLoops; ++i) {
    edges_[i]->set_peers(peers);
    loops_[i]->post([this, i] {
      hosts_[i]->start([this](base::Status status) {
        if (status)
          ++ready_;
        else
          stopped_ = status.error().message;
      });
    });
  }
}

Node::~Node() { kill(); }

void Node::kill() {
  if (!alive_) return;
  alive_ = false;
  for (auto* loop : loops_) loop->kill();
}

void Node::on_bus(std::uint32_t loop, record::BusMessage&& message) {
  if (!message.entity().empty())
    hosts_[loop]->on_bus(std::move(message));
  else
    cluster_.on_edge_message(message, [&] { edges_[loop]->on_bus(std::move(message)); });
}

Cluster::Cluster(std::uint64_t seed)
    : world({.seed = seed, .post_delay_max = 20us}),
      log(world, {.partitions = kPartitions}, &faults),
      store(world, {}, &faults),
      bus(world, {}),
      admin_(world.add_loop("admin")) {}

void Cluster::create_account(const std::string& jid) {
  record::Record record;
  record.set_time(static_cast<std::uint64_t>(world.wall().time_since_epoch().count()));
  record.set_entity(jid);
  record.mutable_account_change()->set_change(record::AccountChange::CREATE);
  auto partition = record::partition_of(jid, kPartitions);
  admin_.post([this, partition, bytes = record::encode(std::move(record))]() mutable {
    log.append(partition, std::move(bytes), admin_, [](base::Result<base::Offset>) {});
  });
}

void Cluster::start_node() {
  node_.reset();
  node_ = std::make_unique<Node>(*this, ++incarnation_);
}

void Cluster::kill_node() {
  if (node_) node_->kill();
}

void Cluster::run_for(base::Duration span) {
  auto until = world.now() + span;
  while (world.now() < until) {
    world.run_for(std::min<base::Duration>(until - world.now(), 5ms));
    if (node_ && !node_->is_alive()) node_.reset();
  }
}

}  // namespace iris::sim
