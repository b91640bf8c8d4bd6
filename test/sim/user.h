// People in the simulated world: accounts with devices that send, get cut off, resume, log in again, and repeat what
// was not acknowledged, as a well-made client does (XEP-0198, XEP-0359).
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cluster.h"
#include "soft_watch.h"

namespace iris::sim {

struct Message {
  std::string id;    // origin-id
  std::string from;  // bare JID
  std::string device;
  std::string to;  // as addressed
  std::string to_bare;
  std::uint64_t sequence = 0;  // of the sending device
  bool acked = false;
  bool refused = false;
  bool bounced = false;       // its recipient's account answered that it is not there: blocked
  bool self_blocked = false;  // refused, because its recipient is blocked
  bool unhindered = false;    // sent when nobody blocked anybody
  unsigned attempts = 0;
  unsigned received = 0;  // by any device of the recipient
  std::string element_id() const { return "m-" + id; }
};

// XEP-0191: a command, told from all others by an item that is nobody's address.
inline constexpr std::string_view kMark = "mark-";
struct Command {
  std::string account, peer, mark;  // without a peer: nobody is blocked from now on
  bool block = false;
  bool acked = false;
  bool answered = false;
  bool refused = false;
  bool marked = true;
};

// One page of an archive, as a client saw it: the ids of its results, and what <fin/> said of them.
struct ArchivePage {
  std::string account;
  std::vector<std::string> ids;
  std::string first, last;
};

class Device;

// The far end of one connection.
class SimClient final : public edge::Client {
 public:
  explicit SimClient(Device& device) : device_(&device) {}
  void send_stanza(std::string_view xml) override;
  std::size_t stanza_bytes_max() const override { return 256 * 1024; }
  void send_ack(std::uint32_t h) override;
  void request_ack() override;
  std::size_t output_bytes() const override { return 0; }
  bool is_congested() const override { return false; }
  void hold_input(bool hold) override;
  void end(const xmpp::StreamError& error, const xml::Element* detail) override;
  void cut() { device_ = nullptr; }

 private:
  Device* device_;  // null: the connection is gone
};

struct Findings {
  std::vector<std::string> violations;
  void add(std::string what) {
    if (violations.size() < 20) violations.push_back(std::move(what));
  }
};

// What people have done, and what is wrong with what came of it.
struct Ledger {
  std::map<std::string, Message> messages;
  std::deque<Command> commands;
  std::uint64_t softs = 0, softs_held = 0;
  bool bus_keeps_order = true;  // what comes twice comes at once
  Findings findings;
};

class Device {
 public:
  Device(Cluster& cluster, Ledger& ledger, std::string account, std::string resource);

  enum class State { offline, starting, online, detached, resuming };
  State state() const { return state_; }
  const std::string& account() const { return account_; }
  const std::string& resource() const { return resource_; }
  std::string full() const { return account_ + "/" + resource_; }

  void login();   // from offline
  void cut();     // the connection breaks
  void resume();  // from detached
  void leave();   // closes the stream in order
  void send(Message& message);
  void ack_now();      // an unasked <a/>
  void ask_for_ack();  // <r/>
  void node_died();
  std::string describe() const;
  bool has_unacked() const { return !outbox_.empty(); }
  // RFC 6121: available with this priority, or not available.
  void show(std::optional<int> priority);
  std::optional<int> first_priority = 0;  // at each login
  bool is_entitled() const { return state_ == State::online && shown_ && *shown_ >= 0; }
  void set_active(bool active);                             // XEP-0352
  void send_soft(const std::string& to, bool is_presence);  // a chat state, or directed presence
  void block(const std::string& peer);                      // XEP-0191
  void unblock(const std::string& peer);
  void unblock_all();
  bool knows_none_blocked() const { return unblocked_all_ && unblocked_all_->answered; }
  bool is_session(const record::SessionRef& ref) const;
  // A Bus message for its session; `pass` hands it to the edge.
  void on_edge_message(const record::BusMessage& message, const std::function<void()>& pass);
  void read_archive();          // asks for the last page
  bool greedy = false;          // acks late
  bool commands_lists = false;  // the one device of its account that blocks and unblocks
  std::vector<ArchivePage> pages;
  // XEP-0280: enables carbons at each login, before its presence or after it.
  bool wants_carbons = false;
  bool enables_first = false;
  // Since when this session has known that carbons are on: all that is applied after it comes, as itself or as a copy.
  std::optional<base::Stamp> carbons_since() const { return state_ == State::online ? carbons_since_ : std::nullopt; }
  bool has_seen(const std::string& id) const { return seen_.contains(id); }

 private:
  friend class SimClient;
  struct Sent {
    xml::Element element;
    Message* message;
    Command* command = nullptr;
  };
  void receive(xml::Element element, Message* message, Command* command = nullptr);
  void command(bool block, const std::string& peer);
  void on_command_answered(const std::string& mark, bool refused);
  void on_stanza(std::string_view xml);
  void on_message_stanza(std::string_view xml);
  void on_soft(const std::string& id);
  void nothing_waits(const std::string& when);
  void let_commands_go();
  void transmit(Message& message);
  void write(const xml::Element& element);
  void bound();
  void enable_carbons();
  void on_message(const std::string& id);
  void on_carbon(const std::string& id, bool sent);
  void on_carbons_enabled();
  void on_refusal(const std::string& id, std::string_view xml);
  void on_archive(std::string_view xml);
  void acked(std::uint32_t h);
  void lost();
  void forget_session();
  void after_death();
  edge::Session* session() { return session_.get(); }

  Cluster& cluster_;
  Ledger& ledger_;
  std::map<std::string, Message>& messages_;
  Findings& findings_;
  const std::string account_;
  const std::string resource_;
  State state_ = State::offline;
  std::shared_ptr<edge::Session> session_;
  std::shared_ptr<SimClient> client_;
  std::optional<base::SessionId> dead_session_;         // its node died: asks for <failed h=''/>
  std::deque<Message*> outbox_;                         // not acked, in order
  std::deque<Sent> sent_;                               // on this session, not acked
  std::uint32_t sent_base_ = 0;                         // stanzas acked
  std::uint32_t handled_ = 0;                           // stanzas received on this session
  std::set<std::string> seen_;                          // message ids received on this session and its resumptions
  std::map<std::string, std::uint64_t> last_sequence_;  // of bare messages, by sending device, on this session
  ArchivePage page_;                                    // as far as it has come
  std::map<std::string, std::uint64_t> last_copied_;    // the same of what came as copies
  std::optional<base::Stamp> carbons_since_;
  std::optional<int> shown_;       // as last sent on this session
  bool active_ = true;             // XEP-0352
  SoftWatch softs_;                // of this session
  std::deque<Command*> commands_;  // asked on this session and not answered
  const Command* unblocked_all_ = nullptr;
  std::set<std::string> blocked_;  // by an answer on this session, and not asked to be unblocked since
  std::set<std::string> murky_;    // a command about them was lost out of sight, and may yet be carried out
  bool held_ = false;
  std::deque<Sent> waiting_;  // held input
  std::uint64_t attempt_ = 0;
};

}  // namespace iris::sim
