#include "net/websocket_connection.h"

#include "base/check.h"
#include "base/metrics.h"

namespace iris::net {
namespace {

base::Counter kErrors{"iris_websocket_errors_total",
                      "WebSocket peers that broke a rule, by the code they were told.",
                      {{"code", {"1002", "1003", "1007", "1009", "other"}}}};

int label_of(WebSocketCode code) {
  switch (code) {
    case WebSocketCode::protocol_error: return 0;
    case WebSocketCode::unsupported_data: return 1;
    case WebSocketCode::invalid_payload: return 2;
    case WebSocketCode::too_big: return 3;
    default: return 4;
  }
}

}  // namespace

// What the Connection sees. It holds the WebSocketConnection, as the Connection holds it while open.
class WebSocketConnection::Bytes final : public ConnectionHandler {
 public:
  explicit Bytes(std::shared_ptr<WebSocketConnection> owner) : owner_(std::move(owner)) {}
  ~Bytes() override {  // without on_closed: the loop has ended, and socket and handler must not keep each other
    owner_->closing_ = owner_->closed_ = true;
    const auto dropped = std::move(owner_->handler_);
  }
  void on_data(std::string_view bytes) override { owner_->take(bytes); }
  void on_drained() override {
    if (const auto handler = owner_->handler_; handler && !owner_->closing_) handler->on_drained();
  }
  void on_closed(CloseReason reason) override { owner_->closed(reason); }

 private:
  const std::shared_ptr<WebSocketConnection> owner_;
};

WebSocketConnection::WebSocketConnection(std::shared_ptr<Connection> connection, WebSocketOptions options,
                                         std::string rest)
    : connection_(std::move(connection)), parser_(options.message_bytes_max), rest_(std::move(rest)) {}

std::shared_ptr<WebSocketConnection> WebSocketConnection::make(std::shared_ptr<Connection> connection,
                                                               WebSocketOptions options, std::string rest) {
  const std::shared_ptr<WebSocketConnection> made(
      new WebSocketConnection(std::move(connection), options, std::move(rest)));
  made->connection_->pause_reading();
  made->connection_->set_handler(std::make_shared<Bytes>(made));
  return made;
}

void WebSocketConnection::start(std::shared_ptr<WebSocketHandler> handler) {
  set_handler(std::move(handler));
  resume_reading();
}

void WebSocketConnection::set_handler(std::shared_ptr<WebSocketHandler> handler) {
  IRIS_CHECK(handler != nullptr && !moving_);
  if (closed_) return;
  handler_ = std::move(handler);
}

// --- reading ---

void WebSocketConnection::take(std::string_view bytes) {
  if (!rest_.empty()) {  // these come after what waits
    rest_ += bytes;
    return rest_soon();
  }
  deliver(bytes);
  rest_ = bytes;
}

// Takes events off the front of `bytes` until all is parsed, or the handler wants no more for now.
void WebSocketConnection::deliver(std::string_view& bytes) {
  while (!paused_ && !moving_) {
    if (closing_) bytes = {};  // nobody listens any more
    if (!handle(parser_.next(bytes))) return;
  }
}

// False when nothing more comes of these bytes.
bool WebSocketConnection::handle(const WebSocketEvent& event) {
  switch (event.kind) {
    case WebSocketEvent::Kind::need_more: return false;
    case WebSocketEvent::Kind::message:
      if (const auto handler = handler_) handler->on_message(event.payload);
      return true;
    case WebSocketEvent::Kind::ping:
      // A peer that sends pings and does not read would fill our memory with pongs.
      if (!connection_->is_congested()) connection_->write(web_socket_pong(event.payload));
      return true;
    case WebSocketEvent::Kind::pong: return true;
    case WebSocketEvent::Kind::error:  // §7.1.7
      kErrors.add(1, label_of(event.code));
      if (const auto handler = handler_) handler->on_refused(event.code);
      [[fallthrough]];
    case WebSocketEvent::Kind::close: close(event.code); return false;  // §5.5.1: echo the code
  }
  return false;
}

// What waits goes to the handler on a later turn, then reading goes on.
void WebSocketConnection::rest_soon() {
  if (rest_cancelled_ || paused_ || moving_) return;
  rest_cancelled_ = std::make_shared<bool>(false);
  loop().post([self = shared_from_this(), cancelled = rest_cancelled_] {
    if (*cancelled) return;  // moved: the connection belongs to another thread
    self->rest_cancelled_ = nullptr;
    const std::string bytes = std::move(self->rest_);
    std::string_view left = bytes;
    self->deliver(left);
    self->rest_ = left;
    if (!self->paused_ && !self->moving_) self->connection_->resume_reading();
  });
}

void WebSocketConnection::pause_reading() {
  paused_ = true;
  connection_->pause_reading();
}

void WebSocketConnection::resume_reading() {
  IRIS_CHECK(!moving_);
  paused_ = false;
  if (rest_.empty()) {
    connection_->resume_reading();
  } else {
    rest_soon();
  }
}

void WebSocketConnection::move_to(io::Loop& target, base::Callback<void()> done) {
  IRIS_CHECK(!moving_);
  moving_ = true;
  if (rest_cancelled_) *rest_cancelled_ = true;
  rest_cancelled_ = nullptr;
  connection_->move_to(target, [self = shared_from_this(), done = std::move(done)]() mutable {
    self->moving_ = false;
    done();
    if (!self->rest_.empty()) self->rest_soon();
  });
}

// --- writing and the end ---

void WebSocketConnection::send_text(std::string_view text) {
  if (!closing_) connection_->write(web_socket_text(text));
}

void WebSocketConnection::send_ping() {
  if (!closing_) connection_->write(web_socket_ping({}));
}

void WebSocketConnection::close(WebSocketCode code, std::string_view reason) {
  if (closing_) return;
  closing_ = true;
  connection_->write(web_socket_close(code, reason));
  // The peer's close frame is not read but awaited: it is what stands before the end of its bytes.
  connection_->close(CloseMode::graceful);
}

void WebSocketConnection::abort() {
  closing_ = true;
  connection_->close(CloseMode::abort);
}

void WebSocketConnection::closed(CloseReason reason) {
  closing_ = closed_ = true;
  rest_ = std::string();
  if (const auto handler = std::move(handler_)) handler->on_closed(reason);
}

bool WebSocketConnection::is_closing() const { return closing_ || connection_->is_closing(); }
std::size_t WebSocketConnection::output_bytes() const { return connection_->output_bytes(); }
bool WebSocketConnection::is_congested() const { return connection_->is_congested(); }
io::Loop& WebSocketConnection::loop() const { return connection_->loop(); }
const Address& WebSocketConnection::peer() const { return connection_->peer(); }
bool WebSocketConnection::is_encrypted() const { return connection_->is_encrypted(); }
std::string WebSocketConnection::channel_binding(ChannelBinding type) const {
  return connection_->channel_binding(type);
}

}  // namespace iris::net
