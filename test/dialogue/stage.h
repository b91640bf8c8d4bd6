// Where dialogues are played: one node's shards and modules over simulated log, store and Bus, and the people's
// sessions, which do towards the shards what an edge does, without sockets, TLS and parsers.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/owners.h"
#include "bus/sim_bus.h"
#include "io/sim_loop.h"
#include "log/sim_log.h"
#include "record/record.pb.h"
#include "script.h"
#include "shard/shard_host.h"
#include "store/sim_store.h"

namespace iris::dialogue {

class Stage;

// A bound session. Receives in order (rule C3), acknowledges at once what it has received.
class Person {
 public:
  Person(Stage& stage, std::string full, std::uint64_t number);
  void connect();
  void leave();
  void send(std::string_view xml);
  bool act(const Step& what) {
    if (what.kind != Step::Kind::stops_acking) return false;
    acking_ = false;
    return true;
  }
  std::deque<std::string>& unread() { return unread_; }
  void on_bus(const record::BusMessage& message);
  std::uint64_t number() const { return number_; }
  std::string ended_with() const { return ended_with_; }

 private:
  void append(record::Record record);
  void register_now();
  void on_deliver(const record::Deliver& deliver);
  void progress();
  record::SessionRef ref() const;

  Stage& stage_;
  const std::string full_;
  const std::string bare_;
  const std::uint64_t number_;  // of the session
  std::uint64_t stanzas_ = 0;   // sent
  std::uint64_t logged_ = 0;    // number of the last logged one
  std::uint64_t presences_ = 0;
  std::uint64_t registration_ = 0;
  std::int64_t last_append_ = -1;  // offset
  std::size_t appending_ = 0;
  bool registered_ = false;
  bool acking_ = true;
  std::uint64_t direct_last_ = 0, inbox_last_ = 0, direct_acked_ = 0, inbox_acked_ = 0;
  std::deque<std::string> unread_;
  std::string ended_with_;
};

class Stage {
 public:
  explicit Stage(std::uint64_t seed);
  ~Stage();

  void create_account(const std::string& bare) { change_account(bare, record::AccountChange::CREATE); }
  void remove_account(const std::string& bare) { change_account(bare, record::AccountChange::REMOVE); }
  Person& person(std::string_view full);  // made if need be; a person that left is another session afterwards
  void forget(std::string_view full) { people_.erase(std::string(full)); }
  // A new session with the same resource; the old one hears of the conflict and leaves.
  void return_as(std::string_view full) {
    auto old = people_.extract(std::string(full));
    person(full).connect();
    settle();
    if (old) old.mapped()->leave();
  }
  // Until everything that was begun has come to rest.
  void settle();
  const std::string& failure() const { return failure_; }

 private:
  friend class Person;
  void change_account(const std::string& bare, record::AccountChange::Change change);
  void append(record::Record record, std::function<void(std::int64_t offset)> then);
  void to_shard(record::BusMessage message);
  void on_bus(record::BusMessage&& message);
  std::uint64_t now() const;

  shard::Options options_;
  io::SimWorld world_;
  log::SimLog log_;
  store::SimStore store_;
  bus::SimBusNet net_;
  io::SimLoop& loop_;
  bus::SimBus bus_;
  bus::Owners owners_;
  shard::Modules modules_;
  std::unique_ptr<shard::ShardHost> host_;
  std::map<std::string, std::unique_ptr<Person>, std::less<>> people_;
  std::uint64_t sessions_ = 0;
  std::string failure_;
};

}  // namespace iris::dialogue
