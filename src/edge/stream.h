// One connection of a client: RFC 6120 from its first byte to bind or resume, and the framing of what follows. Above it
// a Session, below it a Transport; XML in and out is here and nowhere else in the edge. Lives on its edge's loop, and
// moves with its connection to another when it resumes a session there.
//
// Held by its transport until that has closed, by its edge, and by its session as the Client.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/queue.h"
#include "edge/client.h"
#include "edge/options.h"
#include "edge/sasl.h"
#include "edge/session.h"
#include "edge/token_bucket.h"
#include "edge/transport.h"
#include "io/loop.h"
#include "xml/push_parser.h"
#include "xmpp/jid.h"
#include "xmpp/stream_error.h"

namespace iris::edge {

class Edge;

class Stream final : public Client, public xml::StreamHandler, public std::enable_shared_from_this<Stream> {
 public:
  Stream(Edge& edge, std::shared_ptr<Transport> transport);
  ~Stream() override;
  // Begins the time limit. Before the first event.
  void start();

  // ---- from the transport
  void on_bytes(std::string_view bytes);      // Framing::stream
  void on_message(std::string_view message);  // Framing::messages
  void on_tls();
  void on_drained();
  void on_closed(std::string_view reason);

  // ---- for features and SASL
  Edge& edge() { return *edge_; }
  const Options& options() const;
  bool is_encrypted() const { return transport_->is_encrypted(); }
  // Passwords may cross this connection: it is encrypted, or the deployment says that plaintext is for tests.
  bool is_private() const;
  // Logins without sending the password (SCRAM) may: also a WebSocket from this very machine.
  bool may_log_in() const;
  bool is_open() const { return transport_ != nullptr && stage_ != Stage::closed; }
  const net::Address& peer() const { return transport_->peer(); }
  const xmpp::ChannelBinding& channel_binding() const;                  // while it negotiates
  const std::optional<xmpp::Jid>& account() const { return account_; }  // bare, once authenticated
  Session* session() const { return session_.get(); }                   // once bound
  void send(const xml::Element& element);
  void send(const xmpp::Stanza& stanza);
  void fail(xmpp::StreamError error, const xml::Element* detail = nullptr);
  // What comes meanwhile waits; true again after the matching false goes on with it.
  void set_busy(bool busy);
  void authenticated(xmpp::Jid account);  // bare; the stream begins anew
  // Moves to the loop of another edge and calls `there` on it. Not while anything else is going on.
  void move_to(Edge& edge, base::Callback<void()> there);
  void resumed(std::shared_ptr<Session> session, std::uint32_t client_h);
  // Gives back the parser's memory if no byte came since the last call. True: it is given back.
  bool cool_down();
  void shut_down();
  // Its edge ends before its connection does: breaks the rings, since on_closed() will not come.
  void let_go() { transport_ = nullptr, session_ = nullptr; }

  // As it was when the client connected.
  std::size_t stanza_bytes_max() const override { return stanza_bytes_max_; }

  // ---- Client
  void send_stanza(std::string_view xml) override;
  void send_ack(std::uint32_t h) override;
  void request_ack() override;
  std::string peer_name() const override;
  std::size_t output_bytes() const override;
  bool is_congested() const override;
  void hold_input(bool hold) override;
  void end(const xmpp::StreamError& error, const xml::Element* detail) override;

 private:
  enum class Stage {
    header,     // waits for a stream header (or <open/>)
    negotiate,  // features are out
    tls,        // the handshake runs
    bound,
    closed,  // our closing tag is out
  };
  // Until the session is bound or resumed.
  struct Negotiation {
    explicit Negotiation(Stream& stream) : sasl(stream) {}
    Sasl sasl;
    std::string peer_from;  // `from` of the client's header, to be answered in `to`
    std::size_t bytes = 0;
    std::optional<xmpp::ChannelBinding> channel_binding;  // once asked for: it takes some hashing
  };

  // from the parser
  void on_stream_open(xml::Element header, std::string_view default_ns) override;
  void on_stanza(xml::Element&& stanza, std::size_t bytes) override;
  void on_stream_close() override;

  void open(const xml::Element& header);
  void send_header();
  void send_features();
  void handle(xml::Element element);
  void go_on();
  bool count_negotiation_bytes(std::size_t bytes);
  bool start_tls(const xml::Element& element);
  void early_stanza(xml::Element element);
  void bind(const xmpp::Stanza& iq);
  void bound(const xmpp::Stanza& iq, base::Status status);
  void close();
  void update_hold();
  void pace();
  void go_on_after(base::Duration wait);
  void write(std::string bytes);
  void trust_parser();  // its account is known
  std::string session_name() const;

  Edge* edge_;
  std::shared_ptr<Transport> transport_;
  std::unique_ptr<xml::PushParser> parser_;  // Framing::stream
  const std::size_t stanza_bytes_max_;
  Stage stage_ = Stage::header;
  bool header_sent_ = false;
  std::string lang_;  // xml:lang of the client's header
  std::unique_ptr<Negotiation> negotiation_;
  std::optional<xmpp::Jid> account_;
  std::shared_ptr<Session> session_;
  base::SessionId session_id_;  // of the last one, for the log
  bool busy_ = false;
  bool held_by_session_ = false;
  bool held_by_pace_ = false;
  TokenBucket bucket_;
  bool handling_ = false;
  bool warm_ = false;                  // its edge knows that it has a parser in memory
  bool heard_ = false;                 // bytes came since cool_down()
  base::Queue<xml::Element> waiting_;  // read while busy; bounded by what one read gives
  io::TimerId deadline_, pace_timer_;
};

}  // namespace iris::edge
