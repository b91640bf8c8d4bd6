// A stream of bytes to one peer: a TCP or unix socket, with TLS or without, or a pipe in memory for tests.
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/loop.h"
#include "net/address.h"
#include "net/tls.h"

namespace iris::net {

// Of what is undelivered a peer must have taken so much, or all, within a deadline to be given another: of
// close_timeout's three seconds, as much as the slowest networks carry.
inline constexpr std::size_t kProgressBytes = 16 * 1024;
inline bool has_taken_enough(std::size_t before, std::size_t now) {
  return now < before && before - now >= std::min(before, kProgressBytes);
}

enum class CloseReason {
  local,            // we called close() or abort()
  peer,             // the peer closed its side in order
  reset,            // the network or the peer broke the connection
  tls_failed,       // the handshake or a later TLS record was bad
  output_overflow,  // the peer reads too slowly for what we write; see output_bytes_max
  timeout,          // a deadline of ours: TLS handshake
};
std::string_view to_string(CloseReason reason) noexcept;

enum class CloseMode {
  graceful,  // what was written goes out first, TLS says goodbye, the peer gets a moment to close too
  abort,     // at once; what was written may be lost
};

// Who uses a connection. All calls come on the connection's loop, one at a time, never from inside a call of the
// Connection. It may do anything in a call: write, close, replace itself by set_handler(), move the connection.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  // `bytes` live until the call returns. After start_tls(), close() or move_to() inside the call no more will come
  // from the same read; bytes of this view behind what led to start_tls() are an injection: close (RFC 6120 §5.4.3.3).
  virtual void on_data(std::string_view bytes) = 0;
  // The handshake is done.
  virtual void on_tls(const TlsInfo&) {}
  // output_bytes() had passed output_high_water and has fallen to half of it: write on.
  virtual void on_drained() {}
  // The last call, exactly once for the handler that is set at that time. The socket is gone.
  virtual void on_closed(CloseReason reason) = 0;
};

struct ConnectionOptions {
  // Above this the peer is slow: stop making output for it, on_drained() says when to go on.
  std::size_t output_high_water = 64 * 1024;
  // Bytes waiting for a peer that does not read; beyond, the connection is closed, for memory's sake.
  std::size_t output_bytes_max = 4 * 1024 * 1024;
  // A read is given to the handler in pieces up to this size, and then other connections get their turn.
  std::size_t read_bytes_per_turn = 64 * 1024;
  // From start_tls() to on_tls(); an honest handshake takes two round trips.
  base::Duration tls_handshake_timeout = std::chrono::seconds{15};
  // After a graceful close, to send what waits and to see the peer close.
  base::Duration close_timeout = std::chrono::seconds{3};
  // Bytes that the peer's host has not acknowledged for so long mean that it is gone (TCP_USER_TIMEOUT).
  base::Duration unacked_timeout = std::chrono::seconds{60};
};

// Ownership: an open connection keeps itself and its handler alive; so handler and connection may hold each other. When
// it has closed it calls on_closed() and lets go of the handler, which breaks the ring; a connection held beyond that
// is inert: writes are dropped. Nothing is destroyed inside a call.
//
// Loop: all members are for the thread of loop(), except where said. A connection holds no read buffer: bytes are read
// into one that the loop's connections share. Output of one turn of the loop is gathered into few writes.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  virtual ~Connection() = default;

  // From now on calls go to `handler`. Never null.
  virtual void set_handler(std::shared_ptr<ConnectionHandler> handler) = 0;

  // Queues bytes. Dropped, without a word, once closing or closed (on_closed tells).
  virtual void write(std::string bytes) = 0;
  // Written, not yet taken by the kernel.
  virtual std::size_t output_bytes() const = 0;
  // The same, and what the kernel has taken and the peer's has not acknowledged.
  virtual std::size_t undelivered_bytes() const = 0;
  // output_bytes() is above output_high_water: hold back.
  virtual bool is_congested() const = 0;

  // Backpressure on the peer: after pause no on_data comes until resume. Not counted: one resume ends any pause. While
  // paused, a peer that goes away may remain unnoticed until a write fails or reading resumes.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  // Server side of a handshake, after all that was written so far has gone out. Once. Until on_tls no on_data comes;
  // what is written meanwhile goes out encrypted. A failure is on_closed(tls_failed).
  virtual void start_tls(std::shared_ptr<TlsContext> context) = 0;
  // From on_tls on.
  virtual bool is_encrypted() const = 0;
  // Empty without TLS, or if this session has no such binding (tls-exporter needs TLS 1.3 or the extended master
  // secret).
  virtual std::string channel_binding(ChannelBinding type) const = 0;

  // on_closed comes later, on the loop; on_data does not come any more.
  virtual void close(CloseMode mode) = 0;
  // Nothing more can be written: closing or closed.
  virtual bool is_closing() const = 0;

  // Hands socket and TLS state to another loop of the same kind. `done` runs there, and from then on the connection
  // lives there; between this call and `done` nobody may touch it, and no handler call comes. A handler call that is
  // running returns first, so what it still does to its own state is safe. Output that waits comes along. If the
  // connection closes on its way, `done` runs first and on_closed after it.
  virtual void move_to(io::Loop& target, base::Callback<void()> done) = 0;

  virtual io::Loop& loop() const = 0;
  virtual const Address& peer() const = 0;   // any thread
  virtual const Address& local() const = 0;  // any thread
};

}  // namespace iris::net
