// Connection over a socket. For net/ itself: others see Connection.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "io/epoll_loop.h"
#include "io/fd_watch.h"
#include "net/connection.h"
#include "net/tls_session.h"

namespace iris::net {

// See Connection for the contract. The loop keeps an open one as a resident. Each stay on a loop has a token: calls
// that are on their way when the stay ends (a move, the end) find it spent and do nothing; so no call of the old loop
// touches a connection that lives on a new one.
class SocketConnection final : public Connection, public io::Resident {
 public:
  // Takes over `fd`, a connected non-blocking stream socket. `lease` is let go of when the socket is closed.
  static std::shared_ptr<SocketConnection> adopt(io::Loop& loop, int fd, Address peer, ConnectionOptions options,
                                                 std::shared_ptr<void> lease);
  ~SocketConnection() override;
  // Begins to read.
  void start(std::shared_ptr<ConnectionHandler> handler);

  void set_handler(std::shared_ptr<ConnectionHandler> handler) override;
  void write(std::string bytes) override;
  std::size_t output_bytes() const override { return output_.size() - output_head_; }
  std::size_t undelivered_bytes() const override;
  bool is_congested() const override { return congested_; }
  void pause_reading() override { paused_ = true; }
  void resume_reading() override;
  void start_tls(std::shared_ptr<TlsContext> context) override;
  bool is_encrypted() const override { return tls_ == Tls::up; }
  std::string channel_binding(ChannelBinding type) const override;
  void close(CloseMode mode) override;
  bool is_closing() const override { return phase_ != Phase::open; }
  void move_to(io::Loop& target, base::Callback<void()> done) override;
  io::Loop& loop() const override { return *loop_; }
  const Address& peer() const override { return peer_; }
  const Address& local() const override { return local_; }

  void loop_ended() override;

 private:
  enum class Phase { open, closing, lingering, closed };  // lingering: all is sent, the peer's end is awaited
  enum class Tls { none, wanted, handshake, up };
  struct Stay {
    bool over = false;
  };

  SocketConnection(io::EpollLoop& loop, int fd, Address peer, ConnectionOptions options, std::shared_ptr<void> lease);
  void arrive();
  base::Callback<void()> while_here(void (SocketConnection::*call)());  // nothing once the stay is over
  void soon(void (SocketConnection::*call)());                          // on a later turn, if the stay lasts
  void wait_readable();
  void wait_writable();
  void readable();
  void writable();

  void read_turn();
  void linger();
  void flush_soon();
  void flush_turn();
  Transfer send_some();
  void sent(std::size_t bytes);
  void all_sent();
  void begin_handshake();
  void handshake_soon();
  void handshake_turn();
  void handshake_ended();
  bool peer_has_left() const;

  void set_deadline(base::Duration span, CloseReason reason);
  void clear_deadline();
  void wait_for_close();
  void finish(CloseReason reason);
  void tell_closed();
  void close_socket();

  io::EpollLoop* loop_;
  int fd_;
  const Address peer_;
  const Address local_;
  const ConnectionOptions options_;
  std::shared_ptr<void> lease_;
  std::shared_ptr<ConnectionHandler> handler_;
  std::shared_ptr<Stay> stay_;
  std::optional<io::FdWatch> watch_;

  Phase phase_ = Phase::open;
  Tls tls_ = Tls::none;
  bool started_ = false;
  bool paused_ = false;
  bool congested_ = false;
  bool wait_readable_ = false, wait_writable_ = false;
  bool read_soon_ = false, flush_soon_ = false;
  bool moving_ = false;
  CloseReason reason_{};

  std::string output_;  // bytes not yet sent begin at output_head_
  std::size_t output_head_ = 0;
  std::size_t plain_left_ = 0;               // of these, so many go out before TLS begins
  std::shared_ptr<TlsContext> tls_context_;  // from start_tls() to the handshake
  std::unique_ptr<TlsSession> session_;
  std::uint64_t handshake_number_ = 0;  // at the loop's entrance; 0: none is under way

  io::TimerId deadline_{};
  base::SteadyTime deadline_at_{};
  CloseReason deadline_reason_{};
  std::size_t undelivered_before_ = 0;  // when the deadline of an orderly close was set
};

}  // namespace iris::net
