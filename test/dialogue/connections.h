// Where dialogues of connections are played: a node's edge and shards as one process has them, over simulated log,
// store and Bus. People write what a client writes to its socket, from the first stream header on, and fetch what
// is there for clients over HTTP; there is no socket and no TLS, which net/ has tests for.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "bus/owners.h"
#include "bus/sim_bus.h"
#include "edge/edge.h"
#include "edge/fake_transport.h"
#include "io/sim_loop.h"
#include "log/sim_log.h"
#include "net/http_site.h"
#include "script.h"
#include "shard/shard_host.h"
#include "store/sim_store.h"
#include "xml/push_parser.h"

namespace iris::dialogue {

class Connections;

// A client and its connection. A ping of the server's it answers by itself, as any client does.
class Caller final : public xml::StreamHandler {
 public:
  Caller(Connections& stage, std::string full);
  void connect();  // with TLS and a password, up to its resource
  void leave();
  void send(std::string_view bytes);
  bool act(const Step& what);
  std::deque<std::string>& unread();

  void on_stream_open(xml::Element header, std::string_view default_ns) override;
  void on_stanza(xml::Element&& stanza, std::size_t bytes) override;
  void on_stream_close() override;

 private:
  void open(edge::Framing framing, bool encrypted);
  void fetch(const std::string& path);
  void read();

  Connections& stage_;
  const std::string full_;
  std::shared_ptr<edge::FakeTransport> transport_;
  std::shared_ptr<edge::Stream> stream_;
  xml::PushParser parser_;
  std::deque<std::string> unread_;
};

class Connections {
 public:
  explicit Connections(std::uint64_t seed);
  ~Connections();

  void create_account(const std::string& bare);  // its password is "secret"
  void remove_account(const std::string& bare);
  Caller& person(std::string_view full);  // made if need be
  void forget(std::string_view full) { callers_.erase(std::string(full)); }
  void return_as(std::string_view full) { person(full).connect(); }
  void settle();
  const std::string& failure() const { return failure_; }

 private:
  friend class Caller;
  void on_bus(record::BusMessage&& message);

  shard::Options shard_options_;
  edge::Options edge_options_;
  io::SimWorld world_;
  log::SimLog log_;
  store::SimStore store_;
  bus::SimBusNet net_;
  io::SimLoop& loop_;
  bus::SimBus bus_;
  bus::Owners owners_;
  shard::Modules modules_;
  std::unique_ptr<shard::ShardHost> host_;
  std::unique_ptr<edge::Edge> edge_;
  net::HttpSite site_;
  std::map<std::string, std::unique_ptr<Caller>, std::less<>> callers_;
  std::string failure_;
};

}  // namespace iris::dialogue
