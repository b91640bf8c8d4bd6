#include "net/memory_connection.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>

#include "base/check.h"
#include "io/resident.h"

namespace iris::net {
namespace {

// One end. What it sends is posted to the other's loop, and the other reports back what it has taken, so that output
// counts and congestion behave as on a socket whose kernel buffer is empty.
class MemoryConnection final : public Connection, public io::Resident {
 public:
  MemoryConnection(io::Loop& loop, ConnectionOptions options, std::size_t piece, std::uint16_t port)
      : loop_(&loop), options_(options), piece_(piece), local_{"127.0.0.1", port} {}

  static void join(const std::shared_ptr<MemoryConnection>& a, const std::shared_ptr<MemoryConnection>& b) {
    a->other_ = b;
    b->other_ = a;
    a->peer_ = b->local_;
    b->peer_ = a->local_;
  }

  void set_handler(std::shared_ptr<ConnectionHandler> handler) override {
    IRIS_CHECK(handler != nullptr);
    if (told_) return;
    handler_ = std::move(handler);
    if (moving_) return;
    residence().add_resident(self_of());
    pump_soon();
  }

  void write(std::string bytes) override {
    IRIS_CHECK(!moving_);
    if (closing_ || bytes.empty()) return;
    if (output_bytes_ + bytes.size() > options_.output_bytes_max) return finish(CloseReason::output_overflow);
    output_bytes_ += bytes.size();
    if (output_bytes_ > options_.output_high_water) congested_ = true;
    if (const auto other = other_.lock()) {
      other->loop_->post([other, bytes = std::move(bytes)]() mutable { other->arrive(std::move(bytes)); });
    }
  }
  std::size_t output_bytes() const override { return output_bytes_; }
  std::size_t undelivered_bytes() const override { return output_bytes(); }
  bool is_congested() const override { return congested_; }

  void pause_reading() override { paused_ = true; }
  void resume_reading() override {
    paused_ = false;
    pump_soon();
  }

  void start_tls(std::shared_ptr<TlsContext>) override {
    IRIS_CHECK(!tls_wanted_);
    tls_wanted_ = true;
    loop_->post([self = self_of()] {
      if (self->closing_) return;
      self->encrypted_ = true;
      if (self->handler_) self->handler_->on_tls({.version = "pretended"});
      self->pump_soon();
    });
  }
  bool is_encrypted() const override { return encrypted_; }
  std::string channel_binding(ChannelBinding) const override { return {}; }

  void close(CloseMode mode) override {
    if (closing_) return;
    finish(CloseReason::local);
    tell_other(mode == CloseMode::graceful ? CloseReason::peer : CloseReason::reset);
  }
  bool is_closing() const override { return closing_; }

  void move_to(io::Loop& target, base::Callback<void()> done) override {
    IRIS_CHECK(!moving_);
    moving_ = true;
    residence().remove_resident(*this);
    // Behind what the other end has posted to the old loop, so that nothing arrives out of order.
    loop_->post([self = self_of(), &target, done = std::move(done)]() mutable {
      self->loop_ = &target;
      target.post([self, done = std::move(done)]() mutable {
        self->moving_ = false;
        self->residence().add_resident(self);
        done();
        self->pump_soon();
        if (self->closing_) self->tell_soon();
      });
    });
  }

  io::Loop& loop() const override { return *loop_; }
  const Address& peer() const override { return peer_; }
  const Address& local() const override { return local_; }

  void loop_ended() override {
    closing_ = told_ = true;
    tell_other(CloseReason::reset);
    const auto dropped = std::move(handler_);
  }

 private:
  io::Residence& residence() {
    auto* const residence = dynamic_cast<io::Residence*>(loop_);
    IRIS_CHECK(residence != nullptr);
    return *residence;
  }
  std::shared_ptr<MemoryConnection> self_of() { return std::static_pointer_cast<MemoryConnection>(shared_from_this()); }

  void arrive(std::string bytes) {
    input_.push_back(std::move(bytes));
    pump_soon();
  }

  void pump_soon() {
    if (pump_soon_) return;
    pump_soon_ = true;
    loop_->post([self = self_of()] { self->pump(); });
  }

  // Gives the handler one piece per turn.
  void pump() {
    pump_soon_ = false;
    if (handler_ == nullptr || paused_ || closing_ || moving_ || (tls_wanted_ && !encrypted_)) return;
    if (input_.empty()) {
      if (ended_) finish(*ended_);
      return;
    }
    std::string& front = input_.front();
    std::string bytes;
    if (piece_ == 0 || front.size() <= piece_) {
      bytes = std::move(front);
      input_.pop_front();
    } else {
      bytes = front.substr(0, piece_);
      front.erase(0, piece_);
    }
    if (const auto other = other_.lock()) {
      other->loop_->post([other, size = bytes.size()] { other->taken(size); });
    }
    const auto handler = handler_;
    handler->on_data(bytes);
    if (!moving_) pump_soon();
  }

  void taken(std::size_t bytes) {
    output_bytes_ -= std::min(bytes, output_bytes_);
    if (!congested_ || output_bytes_ > options_.output_high_water / 2) return;
    congested_ = false;
    if (handler_ && !closing_ && !moving_) handler_->on_drained();
  }

  void tell_other(CloseReason reason) {
    if (const auto other = other_.lock()) {
      other->loop_->post([other, reason] {
        other->ended_ = reason;  // found behind what has arrived before
        if (reason == CloseReason::reset) other->input_.clear();
        other->pump_soon();
      });
    }
  }

  void finish(CloseReason reason) {
    if (closing_) return;
    closing_ = true;
    reason_ = reason;
    if (reason == CloseReason::output_overflow) tell_other(CloseReason::reset);
    if (!moving_) tell_soon();
  }

  void tell_soon() {
    loop_->post([self = self_of()] {
      if (self->told_ || self->moving_) return;
      self->told_ = true;
      self->residence().remove_resident(*self);
      const auto handler = std::move(self->handler_);
      if (handler) handler->on_closed(self->reason_);
    });
  }

  io::Loop* loop_;
  const ConnectionOptions options_;
  const std::size_t piece_;
  const Address local_;
  Address peer_;
  std::weak_ptr<MemoryConnection> other_;
  std::shared_ptr<ConnectionHandler> handler_;
  std::deque<std::string> input_;
  std::optional<CloseReason> ended_;
  bool encrypted_ = false;
  std::size_t output_bytes_ = 0;
  CloseReason reason_{};
  bool tls_wanted_ = false, congested_ = false, paused_ = false, pump_soon_ = false;
  bool closing_ = false, moving_ = false, told_ = false;
};

}  // namespace

std::pair<std::shared_ptr<Connection>, std::shared_ptr<Connection>> make_memory_pair(io::Loop& first, io::Loop& second,
                                                                                     ConnectionOptions options,
                                                                                     std::size_t piece) {
  auto a = std::make_shared<MemoryConnection>(first, options, piece, 1);
  auto b = std::make_shared<MemoryConnection>(second, options, piece, 2);
  MemoryConnection::join(a, b);
  return {a, b};
}

}  // namespace iris::net
