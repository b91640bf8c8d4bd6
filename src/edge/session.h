// A bound session: what an account's resource is between bind and end, with or without a connection (XEP-0198). Takes
// stanzas from its client, appends or passes them on; takes deliveries from its shard, in order and once (rules C1, C3,
// C4). Knows neither XML streams nor sockets, so a simulation can drive it: a Client above, Log and Bus below.
//
// Owned by the SessionTable of its loop and lives on that loop. It reaches the store never, its shard only by Bus.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/callback.h"
#include "base/ids.h"
#include "base/result.h"
#include "bus/bus.h"
#include "bus/owners.h"
#include "edge/chains.h"
#include "edge/client.h"
#include "edge/held.h"
#include "edge/inbound.h"
#include "edge/options.h"
#include "edge/outbound.h"
#include "io/loop.h"
#include "log/log.h"
#include "record/kept_stanza.h"
#include "record/record.pb.h"
#include "record/session.h"
#include "xml/element.h"
#include "xmpp/jid.h"
#include "xmpp/stanza.h"
#include "xmpp/stream_error.h"

namespace iris::edge {

class Features;

struct SessionContext {
  io::Loop& loop;
  log::Log& log;
  bus::Bus& bus;
  bus::Owners& owners;
  const Options& options;
  Features* features = nullptr;  // answer IQs to the domain; without them: service-unavailable
};

using record::session_ref;

// What an operator is shown of a session.
struct SessionFacts {
  std::string jid, name, peer;  // name: as in log lines; peer: empty while it waits for a resumption
  bool available = false;
  std::int32_t priority = 0;
  bool managed = false;     // XEP-0198
  std::size_t unacked = 0;  // stanzas written and not acknowledged
  base::Duration age{}, silent{};
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  // `jid`: full, of a local account. SessionId: incarnation and loop as in options and wiring, number unique there.
  Session(SessionContext context, base::SessionId id, xmpp::Jid jid);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // ---- life
  // Appends SessionStart, then registers until its shard knows it; `bound` runs when stanzas may flow (RFC 6120 §7).
  // On an error the session is over. `ended` runs when it is over for its shard too, once, last of all.
  void start(base::Callback<void(base::Status)> bound);
  void on_ended(std::function<void(Session&)> ended) { ended_ = std::move(ended); }
  // From now on this client's; for a resumed session resume() does it.
  void attach(std::shared_ptr<Client> client);
  // The connection is lost. Waits for a resumption if that was enabled, else ends.
  void detach();
  // The client has closed its stream in order, or the server ends it: no resumption.
  void end(std::string_view reason);
  bool is_over() const { return state_ == State::ending || state_ == State::ended; }

  // ---- from the client
  void heard();  // any byte came
  void receive(xml::Element element);
  void drained();  // output is no longer congested

  // ---- stream management (XEP-0198)
  // `wait`: how long the session then waits for its client (XEP-0198 `max`); no longer than configured.
  void enable(bool resumable, std::optional<base::Duration> wait = std::nullopt);
  base::Duration resume_wait() const { return resume_wait_; }
  bool enabled() const { return managed_; }
  bool resumable() const { return resumable_; }
  std::uint64_t enabled_at() const { return enabled_at_; }  // inbound stanzas before <enable/>
  std::uint32_t h() const;
  void on_ack_request();         // <r/>
  void on_ack(std::uint32_t h);  // <a/>
  // <resume/>: raises the epoch in the log, asks the shard how far it has come. `resumed` runs with the `h` for the
  // client (or an error: not_found, the session is over for its shard; others: try again). The caller then writes
  // <resumed/> and calls continue_with(), which sends again what was not acked.
  void resume(base::Callback<void(base::Result<std::uint32_t>)> resumed);
  void continue_with(std::shared_ptr<Client> client, std::uint32_t client_h);
  // False: the client claims to have handled more than was sent.
  bool accepts_ack(std::uint32_t h) const { return outbound_.accepts(h); }
  xml::Element ack_too_high(std::uint32_t h) const;  // the stream error's detail (XEP-0198 §4)

  // ---- client state (XEP-0352)
  // Inactive: presence and chat states are held. A stream begins active, also one that resumes.
  void set_active(bool active);

  // ---- from the Bus
  void on_bus(record::BusMessage&& message);
  void owner_changed(base::PartitionId partition);

  // ---- for features that answer on the domain's behalf
  void send(const xmpp::Stanza& stanza);  // to this session's own client
  const xmpp::Jid& jid() const { return jid_; }
  std::string_view account() const { return jid_.bare_view(); }
  const base::SessionId& id() const { return id_; }
  std::string name() const;  // in log lines
  const SessionContext& context() const { return context_; }
  bool is_attached() const { return client_ != nullptr; }
  SessionFacts facts() const;
  // Cursors, for an Unregister that has to be repeated after the session is gone.
  record::BusMessage farewell(std::string_view reason) const;

 private:
  enum class State { starting, bound, ending, ended };
  struct Resuming {
    base::Callback<void(base::Result<std::uint32_t>)> done;
    unsigned attempts = 0;
    io::TimerId again;
  };

  // life (session.cc)
  void append(record::Record record, base::Callback<void(base::Result<base::Offset>)> done);
  record::Record new_record() const;
  void to_shard(record::BusMessage message);
  void register_now();
  void register_again_later();
  record::Register registration() const;
  void finish_if_quiet();
  void end_stream(xmpp::StreamError error, const xml::Element* detail = nullptr);
  void failed(const base::Error& error);
  void ended_by_shard(const std::string& condition, const std::string& text);
  void append_resume();
  void finish_resume(base::Result<std::uint32_t> outcome);
  template <typename Call>
  void later(io::TimerId& timer, base::Duration delay, Call call);
  void stop(io::TimerId& timer);

  // the client's stanzas (session_inbound.cc)
  void dispatch(xmpp::Stanza stanza);
  bool check_from(const xmpp::Stanza& stanza);
  void remember_request(const xmpp::Stanza& iq);
  void to_domain(xmpp::Stanza stanza);
  void submit(record::Stanza stanza);
  void appended(std::uint32_t epoch, std::uint64_t number, const record::Stanza& stanza,
                base::Result<base::Offset> result);
  void pass(record::Stanza stanza, std::int32_t priority);
  void confirm_presence_later();
  void remember_presence(const record::Stanza& stanza, std::int32_t priority);
  void answer_error(const xmpp::Stanza& stanza, const xmpp::StanzaError& error);
  void moved();  // entries came or went: pause or resume the client, answer acks, finish
  void answer_ack();

  // to the client (session_outbound.cc)
  void on_deliver(record::Deliver&& deliver);
  void on_soft(record::Soft&& soft);
  void on_session_info(const record::SessionInfo& info);
  bool hold(const record::Soft& soft);
  void release_held();
  void write(std::string xml, std::optional<Mark> mark);
  void on_page(record::Soft&& page);
  bool is_full() const;
  bool is_beyond(std::size_t limits) const;
  bool is_slow() const;
  void proven(Mark mark);
  void progress_later();
  void progress_now();
  void ask_for_acks();
  void prove_by_ping();
  void send_ping();
  bool take_pong(const xmpp::Stanza& stanza);
  void watch_idle();
  void catch_up();

  const SessionContext context_;
  const base::SessionId id_;
  const xmpp::Jid jid_;
  const base::PartitionId partition_;
  State state_ = State::starting;
  base::Callback<void(base::Status)> bound_;
  std::function<void(Session&)> ended_;
  std::shared_ptr<Client> client_;
  std::string end_reason_;
  std::uint32_t epoch_ = 1;
  bool started_ = false;      // SessionStart may be in the log
  bool shard_knows_ = false;  // was registered at least once
  std::unique_ptr<Resuming> resuming_;

  Inbound inbound_;
  Chains chains_;
  Outbound outbound_;
  std::unique_ptr<Held> held_;  // the client is inactive
  bool input_held_ = false;
  bool missed_ = false;  // a delivery was not accepted for want of room: register again when there is

  // stream management
  bool managed_ = false;
  bool resumable_ = false;
  bool ack_due_ = false;  // an <r/> was not yet answered with all that was received before it
  base::Duration resume_wait_{};
  std::uint64_t enabled_at_ = 0;
  std::uint64_t ack_due_for_ = 0;
  std::uint32_t last_h_sent_ = 0;
  bool requested_ = false;       // our <r/> is out
  std::size_t unrequested_ = 0;  // stanzas written since

  // as the shard must know it again
  std::uint64_t registration_number_ = 0;
  base::Duration register_delay_{};
  bool available_ = false;
  bool was_entitled_ = false;
  std::int32_t priority_ = 0;
  record::KeptStanza presence_;
  std::uint64_t presence_sequence_ = 0;
  std::uint64_t presence_taken_ = 0;  // by the shard
  bool interested_ = false;
  bool blocklist_ = false;
  bool carbons_ = false;
  std::unique_ptr<record::Copied> copied_;  // as the shard said it with the last delivery on the direct chain
  std::set<std::string> directed_;          // JIDs with directed presence standing

  // cursors
  std::uint64_t unreported_ = 0;             // deliveries accepted since the last Progress
  std::array<std::uint64_t, 2> reported_{};  // as received
  std::uint64_t ping_ = 0;                   // the id of the one that is outstanding is made of it; 0: none
  std::array<std::uint64_t, 2> ping_proves_{};
  base::SteadyTime last_heard_;
  const base::SteadyTime began_;

  io::TimerId register_timer_, progress_timer_, detached_timer_, ack_timer_, request_timer_, proof_timer_, idle_timer_,
      presence_timer_;
};

}  // namespace iris::edge
