#include "edge/transport.h"

#include <utility>

#include "edge/stream.h"

namespace iris::edge {
namespace {

using base::Callback;
using MakeStream = Callback<std::shared_ptr<Stream>(std::shared_ptr<Transport>)>;

// The ring of transport and stream is broken by on_closed(), which comes exactly once.
class TcpTransport final : public Transport, public net::ConnectionHandler {
 public:
  TcpTransport(std::shared_ptr<net::Connection> connection, std::shared_ptr<net::TlsContext> tls)
      : connection_(std::move(connection)), tls_(std::move(tls)) {}
  void set_stream(std::shared_ptr<Stream> stream) { stream_ = std::move(stream); }

  Framing framing() const override { return Framing::stream; }
  void send(std::string bytes) override { connection_->write(std::move(bytes)); }
  void close() override { connection_->close(net::CloseMode::graceful); }
  std::size_t output_bytes() const override { return connection_->output_bytes(); }
  bool is_congested() const override { return connection_->is_congested(); }
  void hold_input(bool hold) override { hold ? connection_->pause_reading() : connection_->resume_reading(); }
  bool can_start_tls() const override { return tls_ != nullptr && !is_encrypted(); }
  void start_tls() override { connection_->start_tls(tls_); }
  bool is_encrypted() const override { return connection_->is_encrypted(); }
  xmpp::ChannelBinding channel_binding() const override {
    return {connection_->channel_binding(net::ChannelBinding::tls_exporter),
            connection_->channel_binding(net::ChannelBinding::tls_server_end_point)};
  }
  void move_to(io::Loop& target, Callback<void()> done) override { connection_->move_to(target, std::move(done)); }
  const net::Address& peer() const override { return connection_->peer(); }

  void on_data(std::string_view bytes) override { hold()->on_bytes(bytes); }
  void on_tls(const net::TlsInfo&) override { hold()->on_tls(); }
  void on_drained() override { hold()->on_drained(); }
  void on_closed(net::CloseReason reason) override {
    std::exchange(stream_, nullptr)->on_closed(net::to_string(reason));
  }

 private:
  std::shared_ptr<Stream> hold() const { return stream_; }
  const std::shared_ptr<net::Connection> connection_;
  const std::shared_ptr<net::TlsContext> tls_;
  std::shared_ptr<Stream> stream_;
};

// RFC 7395 §3.5: what ends the stream is said in its own words before the WebSocket is closed.
xmpp::StreamError to_stream_error(net::WebSocketCode code) {
  using xmpp::StreamCondition;
  switch (code) {
    case net::WebSocketCode::too_big: return {StreamCondition::policy_violation, "the message is too long"};
    case net::WebSocketCode::invalid_payload: return {StreamCondition::not_well_formed, "the text is not UTF-8"};
    default: return {StreamCondition::bad_format, "not a message of this protocol"};
  }
}

class WebSocketTransport final : public Transport, public net::WebSocketHandler {
 public:
  explicit WebSocketTransport(std::shared_ptr<net::WebSocketConnection> connection)
      : connection_(std::move(connection)) {}
  void set_stream(std::shared_ptr<Stream> stream) { stream_ = std::move(stream); }

  Framing framing() const override { return Framing::messages; }
  void send(std::string bytes) override { connection_->send_text(bytes); }
  void close() override { connection_->close(refused_); }
  std::size_t output_bytes() const override { return connection_->output_bytes(); }
  bool is_congested() const override { return connection_->is_congested(); }
  void hold_input(bool hold) override { hold ? connection_->pause_reading() : connection_->resume_reading(); }
  void set_message_max(std::size_t bytes) override { connection_->set_message_max(bytes); }
  bool can_start_tls() const override { return false; }  // RFC 7395 §3.9: TLS is the WebSocket's
  void start_tls() override {}
  bool is_encrypted() const override { return connection_->is_encrypted(); }
  xmpp::ChannelBinding channel_binding() const override { return {}; }  // a script in a browser has no access to it
  void move_to(io::Loop& target, Callback<void()> done) override { connection_->move_to(target, std::move(done)); }
  const net::Address& peer() const override { return connection_->peer(); }

  void on_message(std::string_view text) override { hold()->on_message(text); }
  void on_refused(net::WebSocketCode code) override {
    refused_ = code;  // RFC 6455 §7.1.7: closed with it, once the stream's own end has been said
    hold()->fail(to_stream_error(code));
  }
  void on_drained() override { hold()->on_drained(); }
  void on_closed(net::CloseReason reason) override {
    std::exchange(stream_, nullptr)->on_closed(net::to_string(reason));
  }

 private:
  std::shared_ptr<Stream> hold() const { return stream_; }
  const std::shared_ptr<net::WebSocketConnection> connection_;
  net::WebSocketCode refused_ = net::WebSocketCode::normal;
  std::shared_ptr<Stream> stream_;
};

}  // namespace

std::shared_ptr<net::ConnectionHandler> carry(const std::shared_ptr<net::Connection>& connection,
                                              std::shared_ptr<net::TlsContext> tls, MakeStream make) {
  auto transport = std::make_shared<TcpTransport>(connection, std::move(tls));
  transport->set_stream(make(transport));
  return transport;
}

std::shared_ptr<net::WebSocketHandler> carry(const std::shared_ptr<net::WebSocketConnection>& connection,
                                             MakeStream make) {
  auto transport = std::make_shared<WebSocketTransport>(connection);
  transport->set_stream(make(transport));
  return transport;
}

}  // namespace iris::edge
