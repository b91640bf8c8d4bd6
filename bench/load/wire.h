// One connection's bytes: a non-blocking socket, TLS when asked for, and what could not be written yet.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "load/loop.h"
#include "load/target.h"
#include "load/tls.h"

namespace iris::load {

class Wire final : public Watcher {
 public:
  // Told on the loop, never inside a call of the wire's own but flush().
  class User {
   public:
    virtual void on_connected() = 0;
    virtual void on_secured() = 0;
    virtual void on_bytes(std::string_view bytes) = 0;  // it may close or cut the wire
    virtual void on_wire_down(std::string_view why) = 0;

   protected:
    ~User() = default;
  };
  Wire(Loop& loop, User& user) : loop_(loop), user_(user) {}
  ~Wire() {
    drop();
    if (dirty_) loop_.forget(*this);
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Once it is closed it may connect again. `number` chooses the source address.
  void connect(const Target& target, std::uint32_t number);
  // Begins TLS; `resume`: with the session of the last time, and keeps this one's for the next.
  void secure(const ClientTls& tls, bool resume, const std::string& alpn);
  void send(std::string_view bytes);
  // Writes what it can at once, and closes. The user hears nothing.
  void close();
  // As a network does: without a word. The user hears nothing.
  void cut();
  bool is_open() const { return state_ == State::open; }
  bool tls_resumed() const { return tls_resumed_; }
  const std::string& tls_cipher() const { return tls_cipher_; }  // of the last handshake: "TLSv1.3 TLS_AES_…"

  void on_event(bool readable, bool writable) override;
  void flush() override;

 private:
  enum class State : std::uint8_t { closed, connecting, handshaking, open };
  void finish_connect();
  void shake_hands();
  void read();
  // How many bytes; 0: not now; -1: the connection is over.
  int read_some(char* out, int size);
  int write_some(const char* bytes, std::size_t size);
  void want_write(bool wanted);
  void fail(std::string_view why);
  void fail_later(std::string why);
  void drop();

  Loop& loop_;
  User& user_;
  int fd_ = -1;
  State state_ = State::closed;
  bool dirty_ = false, wants_write_ = false, tls_resumed_ = false;
  std::uint32_t life_ = 0;  // counts connections, so that a late failure of an earlier one is known
  ssl_st* ssl_ = nullptr;
  TlsSessionPtr session_, next_session_;
  std::string out_;
  std::string tls_cipher_;
};

}  // namespace iris::load
