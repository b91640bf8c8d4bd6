// All that has to do with clients on one loop: their connections, streams and sessions. One Edge per loop; app/ wires
// it.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "auth/accounts.h"
#include "auth/credentials.h"
#include "edge/options.h"
#include "edge/session_table.h"
#include "io/worker.h"
#include "net/connection.h"
#include "net/websocket_connection.h"
#include "record/record.pb.h"
#include "store/store.h"

namespace iris::edge {

class Features;
class Stream;

struct Wiring {
  io::Loop& loop;
  std::uint32_t number = 0;  // of the loop, as in Bus addresses
  log::Log& log;
  bus::Bus& bus;
  bus::Owners& owners;
  store::Store& store;
  io::Worker* worker = nullptr;          // derives keys from passwords; null: on the loop
  std::shared_ptr<net::TlsContext> tls;  // for STARTTLS; null: not offered
};

class Edge {
 public:
  Edge(Wiring wiring, const Options& options);  // options outlive it
  ~Edge();
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  // All Edges of this process by loop number, so that a resumption finds its session's loop. Set before the loops run.
  void set_peers(std::vector<Edge*> peers) { peers_ = std::move(peers); }

  // A new connection on this loop: its handler. `direct_tls`: the listener does TLS itself (XEP-0368).
  std::shared_ptr<net::ConnectionHandler> accept(const std::shared_ptr<net::Connection>& connection, bool direct_tls);
  std::shared_ptr<net::WebSocketHandler> accept(const std::shared_ptr<net::WebSocketConnection>& connection);

  // Bus messages without an entity: for a session or for this edge.
  void on_bus(record::BusMessage&& message);

  // Closes all streams with system-shutdown and refuses new ones; sessions are ended at their shards. `done` runs when
  // all that was received is logged or answered, and the goodbyes are said; a client that does not close its side
  // holds that up for goodbye_timeout.
  void shutdown(base::Callback<void()> done);

  struct Stats {
    std::size_t streams = 0;   // connections, negotiated or not
    std::size_t sessions = 0;  // with or without a connection
  };
  Stats stats() const;

  // ---- for streams
  const Wiring& wiring() const { return wiring_; }
  const Options& options() const { return options_; }
  Features& features() { return *features_; }
  SessionTable& sessions() { return sessions_; }
  auth::Credentials& credentials() { return credentials_; }
  auth::Accounts& accounts() { return accounts_; }
  Edge* peer(std::uint32_t loop) { return loop < peers_.size() ? peers_[loop] : nullptr; }
  bool is_shutting_down() const { return shutting_down_; }
  void add(std::shared_ptr<Stream> stream);
  void remove(Stream& stream);
  void warm(Stream& stream);  // has a parser in memory; asked to cool_down() until it has none
  // Asks the shard for the last logged stanza of a session that lives no more, ending it: appends SessionEnd. Nothing
  // for a session that its account never had.
  void ask_last_number(const xmpp::Jid& account, const base::SessionId& session,
                       base::Callback<void(base::Result<std::optional<std::uint64_t>>)> done);

 private:
  struct Question;
  void ask(std::uint64_t request);
  void sweep();
  void check_quiet();

  Wiring wiring_;
  const Options& options_;
  auth::Credentials credentials_;
  auth::Accounts accounts_;
  std::unique_ptr<Features> features_;
  SessionTable sessions_;
  std::unordered_set<std::shared_ptr<Stream>> streams_;
  std::unordered_set<Stream*> warm_;  // of these
  std::vector<Edge*> peers_;
  std::map<std::uint64_t, Question> questions_;  // by request
  std::uint64_t next_request_;
  bool shutting_down_ = false;
  base::Callback<void()> quiet_;
  base::SteadyTime goodbye_until_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for calls that may come after this
  io::TimerId sweep_timer_;
};

}  // namespace iris::edge
