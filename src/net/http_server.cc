#include "net/http_server.h"

#include <ctime>

#include "base/metrics.h"
#include "net/http_parser.h"
#include "net/websocket_upgrade.h"

namespace iris::net {
namespace {

base::Counter kRequests{"iris_http_requests_total",
                        "HTTP requests, by the class of the answer.",
                        {{"status", {"1xx", "2xx", "3xx", "4xx", "5xx"}}}};

// RFC 9110 §5.6.7
std::string date_text(base::WallTime now) {
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

std::string head_of(const HttpResponse& response, base::WallTime now, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  head += http_reason(response.status);
  head += "\r\nDate: " + date_text(now) + "\r\n";
  if (response.status == 101) {
    head += "Connection: Upgrade\r\n";
  } else {
    head += keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    if (response.status != 304 && response.status != 204) {
      head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    }
  }
  for (const HttpHeader& header : response.headers) head += header.name + ": " + header.value + "\r\n";
  return head += "\r\n";
}

// One per connection, held by it. Lives on its loop.
class HttpHandler final : public ConnectionHandler, public std::enable_shared_from_this<HttpHandler> {
 public:
  HttpHandler(std::shared_ptr<Connection> connection, std::shared_ptr<const HttpSite> site, HttpOptions options)
      : connection_(std::move(connection)),
        site_(std::move(site)),
        options_(options),
        parser_(options.header_bytes_max, options.body_bytes_max) {}

  void begin() { set_timer(options_.idle_timeout, false); }

  void on_data(std::string_view bytes) override {
    parser_.feed(bytes);
    answer_all();
  }

  void on_drained() override {
    connection_->resume_reading();
    answer_all();
  }

  void on_closed(CloseReason) override {
    stop_timer();
    connection_ = nullptr;
  }

 private:
  void answer_all() {
    while (!connection_->is_closing() && !connection_->is_congested()) {
      switch (parser_.next()) {
        case HttpParser::Outcome::need_more: return wait();
        case HttpParser::Outcome::error: return refuse(parser_.status());
        case HttpParser::Outcome::request:
          in_request_ = false;
          if (!answer(parser_.request())) return;
          break;
      }
    }
    if (connection_->is_closing()) return stop_timer();
    // One who asks on and does not read the answers is not read from either.
    connection_->pause_reading();
    wait_for_reader();
  }

  // False if the connection has become something else.
  bool answer(HttpRequest& request) {
    request.peer = connection_->peer();
    request.tls = connection_->is_encrypted();
    if (const HttpSite::WebSocketDoor* const door = site_->door(request.path)) return answer_door(request, *door);
    send(site_->answer(request), parser_.keep_alive(), request.method != "HEAD");
    if (!parser_.keep_alive()) connection_->close(CloseMode::graceful);
    return true;
  }

  bool answer_door(const HttpRequest& request, const HttpSite::WebSocketDoor& door) {
    const HttpResponse response = answer_upgrade(request, door.subprotocol);
    send(response, false, request.method != "HEAD");
    if (response.status != 101) {
      connection_->close(CloseMode::graceful);
      return true;
    }
    stop_timer();
    const auto self = shared_from_this();  // the connection's handler will be another
    const auto socket = WebSocketConnection::make(std::move(connection_), door.options, parser_.take_rest());
    auto handler = door.factory(socket);
    if (handler == nullptr) {
      socket->close(WebSocketCode::internal_error);
    } else {
      socket->start(std::move(handler));
    }
    return false;
  }

  void refuse(int status) {
    send(HttpResponse::text(status, std::string(http_reason(status)) + "\n"), false, true);
    connection_->close(CloseMode::graceful);
  }

  void send(const HttpResponse& response, bool keep_alive, bool with_body) {
    kRequests.add(1, response.status / 100 - 1);
    std::string bytes = head_of(response, connection_->loop().clock().wall(), keep_alive);
    if (with_body && response.status != 304) bytes += response.body;
    connection_->write(std::move(bytes));
  }

  // A request has its time from its first byte on; dripping more bytes does not buy more.
  void wait() {
    if (parser_.in_request() == in_request_ && timer_.value != 0 && in_request_) return;
    in_request_ = parser_.in_request();
    set_timer(in_request_ ? options_.request_timeout : options_.idle_timeout, in_request_);
  }

  void set_timer(base::Duration span, bool in_request) {
    run_after(span, [in_request](HttpHandler& self) {
      if (in_request) return self.refuse(408);
      self.connection_->close(CloseMode::graceful);
    });
  }

  // As long as it goes on taking an answer, neither of the other timers is for it.
  void wait_for_reader() {
    run_after(options_.request_timeout, [before = connection_->undelivered_bytes()](HttpHandler& self) {
      if (has_taken_enough(before, self.connection_->undelivered_bytes())) return self.wait_for_reader();
      self.connection_->close(CloseMode::abort);
    });
  }

  template <typename Call>
  void run_after(base::Duration span, Call call) {
    stop_timer();
    timer_ = connection_->loop().after(span, [weak = weak_from_this(), call = std::move(call)] {
      const auto self = weak.lock();
      if (self == nullptr || self->connection_ == nullptr) return;
      self->timer_ = {};
      if (!self->connection_->is_closing()) call(*self);
    });
  }

  void stop_timer() {
    if (timer_.value != 0 && connection_) connection_->loop().cancel(timer_);
    timer_ = {};
  }

  std::shared_ptr<Connection> connection_;  // null after the end or an upgrade
  const std::shared_ptr<const HttpSite> site_;
  const HttpOptions options_;
  HttpParser parser_;
  bool in_request_ = false;
  io::TimerId timer_{};
};

}  // namespace

std::shared_ptr<ConnectionHandler> make_http_handler(std::shared_ptr<Connection> connection,
                                                     std::shared_ptr<const HttpSite> site, HttpOptions options) {
  auto handler = std::make_shared<HttpHandler>(std::move(connection), std::move(site), options);
  handler->begin();
  return handler;
}

}  // namespace iris::net
