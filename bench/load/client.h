// One XMPP session of the generator: it logs in, counts for stream management (XEP-0198), answers what a server asks,
// and hands everything else to its user as text.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "load/scanner.h"
#include "load/scram.h"
#include "load/websocket.h"
#include "load/wire.h"

namespace iris::load {

class Client final : private Wire::User {
 public:
  class User {
   public:
    // Bound, or resumed; with presence, if wanted, sent and come back.
    virtual void on_ready(Client& client) = 0;
    virtual void on_stanza(Client& client, std::string_view name, std::string_view stanza) = 0;
    // The server has handled this many stanzas since stream management was enabled.
    virtual void on_acked(Client& client, std::uint32_t handled) = 0;
    // The session or its attempt is over: "not-authorized", "connection closed".
    virtual void on_down(Client& client, std::string_view why) = 0;

   protected:
    ~User() = default;
  };
  struct Wishes {
    bool presence = true;
    bool stream_management = true;
    bool resumption = false;  // of the session
    bool tls_resumption = false;
  };

  Client(Loop& loop, const Target& target, std::uint32_t account, std::uint32_t number);
  void set_user(User& user) { user_ = &user; }
  // `resume`: the session that was cut, if the server still has it.
  void login(const Wishes& wishes, bool resume = false);
  // A stanza; and what is none.
  void send(std::string_view stanza);
  void send_uncounted(std::string_view element);
  void ask_for_ack() { send_uncounted("<r xmlns='urn:xmpp:sm:3'/>"); }
  // Says goodbye and closes; or as a network that breaks. The user hears nothing.
  void close();
  void cut();

  std::uint32_t account() const { return account_; }
  std::uint32_t number() const { return number_; }  // among the clients of its fleet
  const std::string& jid() const { return jid_; }
  bool ready() const { return step_ == Step::ready; }
  bool resumed() const { return resumed_; }
  // In on_down(): whether the session that ended had been ready, or was an attempt.
  bool was_ready() const { return was_ready_; }
  bool stream_managed() const { return managed_; }
  std::uint32_t sent() const { return sent_; }  // counted since stream management was enabled
  Nanos login_began() const { return login_began_; }
  const Wire& wire() const { return wire_; }

 private:
  enum class Step : std::uint8_t {
    down,
    connecting,
    upgrading,
    starting_tls,
    features,
    authenticating,
    features_again,
    resuming,
    binding,
    enabling,
    presence,
    ready
  };
  void on_connected() override;
  void on_secured() override;
  void on_bytes(std::string_view bytes) override;
  void on_wire_down(std::string_view why) override;

  void upgrade();
  void open_stream();
  void on_websocket_bytes(std::string_view bytes);
  void scan(std::string_view bytes);
  void take(Scanner::Piece kind, std::string_view text);
  void negotiate(std::string_view name, std::string_view text);
  void start_login(std::string_view features);
  void authenticate(std::string_view name, std::string_view text);
  void after_login(std::string_view features);
  void bind();
  void bound(std::string_view iq);
  void enable();
  void announce();
  void become_ready();
  void handle(std::string_view name, std::string_view stanza);
  void answer(std::string_view iq);
  void fail(std::string_view why);

  const Target& target_;
  User* user_ = nullptr;
  Wire wire_;
  Scanner scanner_;
  Wishes wishes_;
  std::uint32_t account_, number_;
  Step step_ = Step::down;
  bool secured_ = false, resume_ = false, resumed_ = false, managed_ = false, was_ready_ = false;
  std::uint32_t sent_ = 0, received_ = 0;
  std::string jid_, resume_id_;
  std::unique_ptr<ScramClient> scram_;
  std::unique_ptr<WebSocketReader> websocket_;
  Nanos login_began_ = 0;
};

}  // namespace iris::load
