#include "net/socket_connection.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/metrics.h"
#include "net/entrance.h"
#include "net/socket_address.h"

namespace iris::net {
namespace {

base::Counter kBytes{
    "iris_net_bytes_total", "Bytes read from and written to peers, before encryption.", {{"direction", {"in", "out"}}}};
base::Counter kClosed{"iris_net_closed_total",
                      "Connections closed, by reason.",
                      {{"reason", {"local", "peer", "reset", "tls_failed", "output_overflow", "timeout"}}}};
base::Gauge kOpen{"iris_net_connections", "Open connections."};
base::Counter kHandshakes{
    "iris_net_tls_handshakes_total", "TLS handshakes of clients.", {{"outcome", {"full", "resumed", "failed"}}}};

constexpr std::size_t kReadBufferBytes = 64 * 1024;
constexpr std::size_t kFlushBytesPerTurn = 256 * 1024;  // then others get their turn, however fast this peer reads

// One for all connections of a loop: their reads follow one another.
char* read_buffer() {
  thread_local const std::unique_ptr<char[]> buffer(new char[kReadBufferBytes]);
  return buffer.get();
}

}  // namespace

std::string_view to_string(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::local: return "local";
    case CloseReason::peer: return "peer";
    case CloseReason::reset: return "reset";
    case CloseReason::tls_failed: return "tls_failed";
    case CloseReason::output_overflow: return "output_overflow";
    case CloseReason::timeout: return "timeout";
  }
  return "unknown";
}

std::shared_ptr<SocketConnection> SocketConnection::adopt(io::Loop& loop, int fd, Address peer,
                                                          ConnectionOptions options, std::shared_ptr<void> lease) {
  return std::shared_ptr<SocketConnection>(
      new SocketConnection(io::EpollLoop::of(loop), fd, std::move(peer), options, std::move(lease)));
}

SocketConnection::SocketConnection(io::EpollLoop& loop, int fd, Address peer, ConnectionOptions options,
                                   std::shared_ptr<void> lease)
    : loop_(&loop),
      fd_(fd),
      peer_(std::move(peer)),
      local_(local_address_of(fd)),
      options_(options),
      lease_(std::move(lease)),
      stay_(std::make_shared<Stay>()) {
  kOpen.add(1);
  if (peer_.ip == "unix") return;
  // Failures of these cost speed or promptness only.
  const int yes = 1;
  const auto patience = static_cast<unsigned int>(options_.unacked_timeout.count() / 1000);
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);  // output is gathered here already
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
}

SocketConnection::~SocketConnection() {
  stay_->over = true;
  close_socket();
}

// --- coming and going ---

void SocketConnection::start(std::shared_ptr<ConnectionHandler> handler) {
  IRIS_CHECK(handler != nullptr && !started_);
  started_ = true;
  handler_ = std::move(handler);
  arrive();
  if (phase_ == Phase::open && !read_soon_) wait_readable();
}

void SocketConnection::arrive() {
  loop_->add_resident(std::static_pointer_cast<SocketConnection>(shared_from_this()));
  if (phase_ == Phase::closed) return soon(&SocketConnection::tell_closed);
  watch_.emplace(*loop_, fd_);
  if (deadline_at_ != base::SteadyTime{}) set_deadline(deadline_at_ - loop_->clock().steady(), deadline_reason_);
  if (output_bytes() > 0 || tls_ == Tls::wanted || phase_ == Phase::closing) flush_soon();
}

void SocketConnection::move_to(io::Loop& target, base::Callback<void()> done) {
  IRIS_CHECK(!moving_ && started_);
  const auto self = std::static_pointer_cast<SocketConnection>(shared_from_this());
  moving_ = true;
  stay_->over = true;
  stay_ = std::make_shared<Stay>();
  watch_.reset();
  wait_readable_ = wait_writable_ = read_soon_ = flush_soon_ = false;
  if (deadline_.value != 0) loop_->cancel(deadline_);
  deadline_ = {};
  handshake_ended();
  loop_->remove_resident(*this);
  // Handler and connection travel apart: if a loop ends before its call runs, they do not keep each other alive.
  auto settle = [self, handler = std::move(handler_), done = std::move(done)]() mutable {
    self->handler_ = std::move(handler);
    self->moving_ = false;
    self->arrive();
    done();
    if (self->phase_ == Phase::closed || self->moving_) return;
    self->soon(&SocketConnection::readable);  // TLS may hold bytes that the kernel no longer has
  };
  // By way of this loop, so that the call which is running here ends before the other thread begins.
  loop_->post([self, to = &io::EpollLoop::of(target), settle = std::move(settle)]() mutable {
    self->loop_ = to;
    to->post(std::move(settle));
  });
}

void SocketConnection::loop_ended() {
  stay_->over = true;
  phase_ = Phase::closed;
  close_socket();
  const auto dropped = std::move(handler_);
}

void SocketConnection::soon(void (SocketConnection::*call)()) {
  if (call == &SocketConnection::read_turn) {
    if (read_soon_) return;
    read_soon_ = true;
  }
  loop_->post(while_here(call));
}

base::Callback<void()> SocketConnection::while_here(void (SocketConnection::*call)()) {
  return [this, call, stay = stay_] {
    if (stay->over) return;
    const auto self = shared_from_this();
    (this->*call)();
  };
}

void SocketConnection::wait_readable() {
  if (wait_readable_ || !watch_) return;
  wait_readable_ = true;
  watch_->when_readable([this] {
    wait_readable_ = false;
    const auto self = shared_from_this();
    readable();
  });
}

void SocketConnection::wait_writable() {
  if (wait_writable_ || !watch_) return;
  wait_writable_ = true;
  watch_->when_writable([this] {
    wait_writable_ = false;
    const auto self = shared_from_this();
    writable();
  });
}

void SocketConnection::readable() {
  if (tls_ == Tls::handshake) return handshake_soon();
  if (output_bytes() > 0 && !wait_writable_) flush_soon();  // a write of TLS may have waited for a read
  read_turn();
}

void SocketConnection::writable() {
  if (tls_ == Tls::handshake) return handshake_soon();
  flush_turn();
}

void SocketConnection::set_handler(std::shared_ptr<ConnectionHandler> handler) {
  IRIS_CHECK(handler != nullptr && !moving_);
  if (started_ && handler_ == nullptr) return;  // closed, and told so
  handler_ = std::move(handler);
}

// --- reading ---

void SocketConnection::resume_reading() {
  if (!paused_) return;
  paused_ = false;
  if (started_ && phase_ == Phase::open && !wait_readable_) soon(&SocketConnection::read_turn);
}

void SocketConnection::read_turn() {
  read_soon_ = false;
  if (phase_ == Phase::lingering) return linger();
  if (phase_ != Phase::open || paused_ || tls_ == Tls::wanted || tls_ == Tls::handshake) return;
  char* const buffer = read_buffer();
  const std::size_t size = std::min(kReadBufferBytes, options_.read_bytes_per_turn);
  std::size_t filled = 0;
  Transfer last{};
  do {  // TLS yields a record at a time
    last = session_ ? session_->read(buffer + filled, size - filled) : receive_plain(fd_, buffer, size);
    if (last.kind == Transfer::Kind::done) filled += last.bytes;
  } while (last.kind == Transfer::Kind::done && filled < size && session_ && session_->has_pending());

  const auto stay = stay_;
  if (filled > 0) {
    kBytes.add(static_cast<std::int64_t>(filled), 0);
    handler_->on_data({buffer, filled});
  }
  if (stay->over || phase_ == Phase::closed) return;
  switch (last.kind) {
    case Transfer::Kind::done:
      // A full buffer, and more inside TLS, of which the socket's readiness would not tell.
      if (session_ && session_->has_pending()) return soon(&SocketConnection::read_turn);
      [[fallthrough]];
    case Transfer::Kind::want_read:
      if (phase_ == Phase::open && !paused_ && tls_ != Tls::wanted) wait_readable();
      return;
    case Transfer::Kind::want_write:  // TLS has an answer of its own to send first
      flush_soon();
      return wait_writable();
    case Transfer::Kind::ended:
      if (phase_ != Phase::open) return;  // closing: what waits is still sent
      flush_turn();                       // the peer may have closed its writing side only
      return finish(CloseReason::peer);
    case Transfer::Kind::failed: return finish(CloseReason::reset);
  }
}

// After our last byte the peer's are read and thrown away until it closes: closing with unread bytes would make the
// kernel reset the connection, and the peer might lose what we said last.
void SocketConnection::linger() {
  char* const buffer = read_buffer();
  const Transfer got = receive_plain(fd_, buffer, kReadBufferBytes);
  if (got.kind == Transfer::Kind::done || got.kind == Transfer::Kind::want_read) return wait_readable();
  finish(reason_);
}

// --- writing ---

void SocketConnection::write(std::string bytes) {
  IRIS_CHECK(!moving_);
  if (phase_ != Phase::open || bytes.empty()) return;
  if (output_bytes() + bytes.size() > options_.output_bytes_max) return finish(CloseReason::output_overflow);
  if (output_.empty()) {
    output_ = std::move(bytes);
  } else {
    output_ += bytes;
  }
  if (output_bytes() > options_.output_high_water) congested_ = true;
  if (!wait_writable_) flush_soon();
}

void SocketConnection::flush_soon() {
  if (flush_soon_ || !started_) return;
  flush_soon_ = true;
  soon(&SocketConnection::flush_turn);
}

Transfer SocketConnection::send_some() {
  const char* const bytes = output_.data() + output_head_;
  if (tls_ == Tls::up) return session_->write(bytes, output_bytes());
  return send_plain(fd_, bytes, tls_ == Tls::none ? output_bytes() : plain_left_);
}

void SocketConnection::flush_turn() {
  flush_soon_ = false;
  if (phase_ != Phase::open && phase_ != Phase::closing) return;
  std::size_t this_turn = 0;
  while (output_bytes() > 0 && (tls_ == Tls::none || tls_ == Tls::up || plain_left_ > 0)) {
    if (this_turn >= kFlushBytesPerTurn) {
      flush_soon();
      break;
    }
    const Transfer put = send_some();
    if (put.kind == Transfer::Kind::failed || put.kind == Transfer::Kind::ended) return finish(CloseReason::reset);
    if (put.kind == Transfer::Kind::want_write) {
      wait_writable();
      break;
    }
    if (put.kind == Transfer::Kind::want_read) break;  // TLS waits for the peer; the next read goes on
    this_turn += put.bytes;
    sent(put.bytes);
  }
  const auto stay = stay_;
  if (output_bytes() == 0 || (tls_ == Tls::wanted && plain_left_ == 0)) all_sent();
  if (stay->over) return;
  if (congested_ && phase_ == Phase::open && output_bytes() <= options_.output_high_water / 2) {
    congested_ = false;
    handler_->on_drained();
  }
}

void SocketConnection::sent(std::size_t bytes) {
  kBytes.add(static_cast<std::int64_t>(bytes), 1);
  output_head_ += bytes;
  if (tls_ == Tls::wanted) plain_left_ -= bytes;
  if (output_head_ == output_.size()) {
    output_ = std::string();  // an idle connection holds no buffer
    output_head_ = 0;
  } else if (output_head_ > output_.size() / 2) {
    output_.erase(0, output_head_);
    output_head_ = 0;
  }
}

void SocketConnection::all_sent() {
  if (tls_ == Tls::wanted) return begin_handshake();
  if (phase_ != Phase::closing || output_bytes() > 0) return;
  phase_ = Phase::lingering;
  if (session_) session_->say_goodbye();
  ::shutdown(fd_, SHUT_WR);
  wait_for_close();
  wait_readable();
}

// --- TLS ---

void SocketConnection::start_tls(std::shared_ptr<TlsContext> context) {
  IRIS_CHECK(context != nullptr && tls_ == Tls::none && !moving_);
  if (phase_ != Phase::open) return;
  if (peer_has_left()) return finish(CloseReason::peer);  // tired of waiting: no handshake is made in vain
  tls_ = Tls::wanted;
  handshake_number_ = Entrance::of(*loop_)->handshake_began();
  tls_context_ = std::move(context);
  plain_left_ = output_bytes();
  set_deadline(options_.tls_handshake_timeout, CloseReason::timeout);
  flush_soon();
}

void SocketConnection::begin_handshake() {
  session_ = TlsSession::make(std::move(tls_context_), fd_);
  if (session_ == nullptr) return finish(CloseReason::tls_failed);
  tls_ = Tls::handshake;
  handshake_soon();
}

void SocketConnection::handshake_soon() { Entrance::of(*loop_)->go_on(while_here(&SocketConnection::handshake_turn)); }

// Asked for by its beginning and by what the peer sends, so perhaps once more than there is something to do.
void SocketConnection::handshake_turn() {
  if (phase_ != Phase::open || tls_ != Tls::handshake) return;
  const Transfer result = session_->handshake();
  switch (result.kind) {
    case Transfer::Kind::want_read: return wait_readable();
    case Transfer::Kind::want_write: return wait_writable();
    case Transfer::Kind::done: break;
    case Transfer::Kind::ended:
    case Transfer::Kind::failed: kHandshakes.add(1, 2); return finish(CloseReason::tls_failed);
  }
  tls_ = Tls::up;
  handshake_ended();
  clear_deadline();
  const TlsInfo info = session_->info();
  kHandshakes.add(1, info.resumed ? 1 : 0);
  if (output_bytes() > 0) flush_soon();
  soon(&SocketConnection::read_turn);  // before on_tls, so that a move in there finds and drops it
  handler_->on_tls(info);
}

void SocketConnection::handshake_ended() {
  if (handshake_number_ != 0) Entrance::of(*loop_)->handshake_ended(std::exchange(handshake_number_, 0));
}

bool SocketConnection::peer_has_left() const {
  pollfd peer{.fd = fd_, .events = POLLRDHUP, .revents = 0};
  return ::poll(&peer, 1, 0) > 0;
}

std::string SocketConnection::channel_binding(ChannelBinding type) const {
  return tls_ == Tls::up && session_ ? session_->channel_binding(type) : std::string();
}

// --- the end ---

void SocketConnection::close(CloseMode mode) {
  IRIS_CHECK(!moving_);
  const bool before_tls = tls_ == Tls::wanted || tls_ == Tls::handshake;  // nothing can be said yet
  if (mode == CloseMode::abort || (before_tls && phase_ == Phase::open)) return finish(CloseReason::local);
  if (phase_ != Phase::open) return;
  phase_ = Phase::closing;
  reason_ = CloseReason::local;
  wait_for_close();
  flush_soon();
}

std::size_t SocketConnection::undelivered_bytes() const {
  int in_kernel = 0;
  if (fd_ >= 0) IRIS_CHECK(::ioctl(fd_, SIOCOUTQ, &in_kernel) == 0);
  return output_bytes() + static_cast<std::size_t>(in_kernel);
}

// A peer that takes what it was sent, though slowly, is not cut off.
void SocketConnection::wait_for_close() {
  undelivered_before_ = undelivered_bytes();
  set_deadline(options_.close_timeout, CloseReason::local);
}

void SocketConnection::set_deadline(base::Duration span, CloseReason reason) {
  clear_deadline();
  deadline_at_ = loop_->clock().steady() + span;
  deadline_reason_ = reason;
  if (!started_) return;  // arrive() does it
  deadline_ = loop_->after(span, [this, stay = stay_] {
    if (stay->over) return;
    deadline_ = {};
    const bool is_ending = phase_ == Phase::closing || phase_ == Phase::lingering;
    if (is_ending && has_taken_enough(undelivered_before_, undelivered_bytes())) return wait_for_close();
    const auto self = shared_from_this();
    finish(deadline_reason_);
  });
}

void SocketConnection::clear_deadline() {
  if (deadline_.value != 0) loop_->cancel(deadline_);
  deadline_ = {};
  deadline_at_ = {};
}

void SocketConnection::finish(CloseReason reason) {
  if (phase_ == Phase::closed) return;
  reason_ = phase_ == Phase::open ? reason : reason_;  // what ends a close of ours is a detail
  phase_ = Phase::closed;
  handshake_ended();
  clear_deadline();
  close_socket();
  kClosed.add(1, static_cast<int>(reason_));
  if (started_) soon(&SocketConnection::tell_closed);
}

void SocketConnection::tell_closed() {
  const auto handler = std::move(handler_);
  handler_ = nullptr;
  stay_->over = true;
  loop_->remove_resident(*this);
  if (handler) handler->on_closed(reason_);
}

void SocketConnection::close_socket() {
  watch_.reset();
  session_.reset();
  if (fd_ < 0) return;
  ::close(fd_);
  fd_ = -1;
  output_ = std::string();
  output_head_ = 0;
  plain_left_ = 0;
  lease_.reset();
  kOpen.add(-1);
}

}  // namespace iris::net
