// For tests of the edge: a simulated log, bus and store, and a small double of the shards, which does no more than the
// contract in record.proto asks: it keeps the chain check (rule C1), answers registrations, resumptions and account
// changes, and delivers what a test tells it to.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "bus/owners.h"
#include "bus/sim_bus.h"
#include "edge/options.h"
#include "edge/session.h"
#include "io/sim_loop.h"
#include "log/sim_log.h"
#include "record/codec.h"
#include "record/partition.h"
#include "store/sim_store.h"

namespace iris::edge {

// All partitions, at the address ("shards", 0).
class ShardDouble {
 public:
  ShardDouble(io::SimWorld& world, bus::SimBusNet& net, log::SimLog& log, store::SimStore& store)
      : loop_(world.add_loop("shards")), bus_(net, "shards"), log_(log), store_(store) {
    bus_.attach(0, loop_, [this](record::BusMessage&& message) { on_bus(std::move(message)); });
    for (std::uint32_t p = 0; p < log.partitions(); ++p) fetch({p}, {0});
  }

  // What it heard, for tests to look at.
  std::vector<record::BusMessage> messages;
  std::vector<record::Record> records;
  std::vector<record::Submit> accepted;  // behind the chain check
  bool answers = true;                   // false: silent on the Bus
  std::int64_t epoch = 1;
  std::uint64_t direct_start = 0;  // where the direct chain of the session registered last begins

  template <typename Body>
  std::vector<Body> of(const Body& (record::BusMessage::*get)() const, bool (record::BusMessage::*has)() const) const {
    std::vector<Body> out;
    for (const auto& message : messages)
      if ((message.*has)()) out.push_back((message.*get)());
    return out;
  }
  std::vector<record::Register> registers() const {
    return of(&record::BusMessage::register_, &record::BusMessage::has_register_);
  }
  std::vector<record::Progress> progress() const {
    return of(&record::BusMessage::progress, &record::BusMessage::has_progress);
  }
  std::vector<record::Soft> soft() const { return of(&record::BusMessage::soft, &record::BusMessage::has_soft); }
  std::vector<record::Unregister> unregisters() const {
    return of(&record::BusMessage::unregister, &record::BusMessage::has_unregister);
  }

  void deliver(const base::SessionId& to, record::Chain chain, std::uint64_t previous, std::uint64_t stamp,
               std::vector<std::string> xml) {
    record::BusMessage message;
    auto& deliver = *message.mutable_deliver();
    deliver.set_number(registers().back().number());
    deliver.set_epoch(epoch);
    deliver.set_chain(chain);
    deliver.set_previous(previous);
    deliver.set_stamp(stamp);
    for (auto& stanza : xml) deliver.add_xml(std::move(stanza));
    send(to, std::move(message));
  }
  void send(const base::SessionId& to, record::BusMessage message) {
    *message.mutable_session() = session_ref(to);
    loop_.post([this, message = std::move(message), loop = to.loop]() mutable {
      bus_.send({"local", loop}, std::move(message));
    });
  }

 private:
  struct SessionState {
    std::uint32_t epoch = 0;
    std::uint64_t last = 0;
    bool ended = false;
    std::uint64_t started = 0;
  };
  using Key = std::tuple<std::string, std::uint64_t, std::uint32_t, std::uint64_t>;
  static Key key(const std::string& entity, const record::SessionRef& ref) {
    return {entity, ref.incarnation(), ref.loop(), ref.number()};
  }

  void fetch(base::PartitionId partition, base::Offset from) {
    log_.fetch(partition, from, 1 << 20, loop_, [this, partition, from](base::Result<std::vector<log::LogRecord>> got) {
      base::Offset next = from;
      if (got)
        for (const auto& record : *got) {
          next = {record.offset.value + 1};
          apply(record::decode_record(record.bytes).value());
        }
      fetch(partition, next);
    });
  }

  void apply(const record::Record& record) {
    records.push_back(record);
    if (record.has_session_start()) {
      const auto& start = record.session_start();
      sessions_[key(record.entity(), start.session())] = {start.epoch(), 0, false, ++stamp_};
    } else if (record.has_submit()) {
      const auto& submit = record.submit();
      auto& session = sessions_[key(record.entity(), submit.session())];
      if (submit.epoch() != session.epoch || submit.previous() != session.last) return;
      session.last = submit.number();
      accepted.push_back(submit);
    } else if (record.has_session_resume()) {
      const auto& resume = record.session_resume();
      auto& session = sessions_[key(record.entity(), resume.session())];
      const bool known = !session.ended && resume.epoch() > session.epoch;
      if (known) session.epoch = resume.epoch();
      info(resume.session(), resume.edge(), 0, known, resume.epoch(), session.last);
    } else if (record.has_session_end()) {
      const auto& end = record.session_end();
      auto it = sessions_.find(key(record.entity(), end.session()));
      const bool known = it != sessions_.end();
      if (known) it->second.ended = true, ++it->second.epoch;
      if (end.has_reply_to()) info(end.session(), end.reply_to(), end.request(), known, 0, known ? it->second.last : 0);
    } else if (record.has_account_change()) {
      change_account(record.entity(), record.account_change());
    }
  }

  void info(const record::SessionRef& session, const record::Address& to, std::uint64_t request, bool known,
            std::uint32_t session_epoch, std::uint64_t last) {
    if (!answers) return;
    record::BusMessage message;
    *message.mutable_session() = session;
    auto& info = *message.mutable_session_info();
    info.set_request(request);
    info.set_known(known);
    info.set_epoch(session_epoch);
    info.set_last_number(last);
    bus_.send({to.node(), to.loop()}, std::move(message));
  }

  void change_account(const std::string& entity, const record::AccountChange& change) {
    const bool exists = accounts_.contains(entity);
    auto outcome = record::AccountChanged::DONE;
    if (change.change() == record::AccountChange::CREATE && exists) outcome = record::AccountChanged::EXISTS;
    if (change.change() != record::AccountChange::CREATE && !exists) outcome = record::AccountChanged::MISSING;
    std::optional<std::string> value;
    if (outcome == record::AccountChanged::DONE) {
      record::AccountRow row;
      *row.mutable_keys() = change.keys();
      if (change.change() == record::AccountChange::REMOVE)
        accounts_.erase(entity);
      else
        accounts_[entity] = true, value = row.SerializeAsString();
    }
    auto answer = [this, to = change.reply_to(), request = change.request(), outcome](base::Status) {
      record::BusMessage message;
      message.mutable_account_changed()->set_request(request);
      message.mutable_account_changed()->set_outcome(outcome);
      bus_.send({to.node(), to.loop()}, std::move(message));
    };
    if (outcome != record::AccountChanged::DONE) return answer(base::ok());
    store_.write({{store::Table::state, entity, "account", value, {++stamp_}}}, loop_, std::move(answer));
  }

  void on_bus(record::BusMessage&& heard) {
    messages.push_back(std::move(heard));
    const record::BusMessage& message = messages.back();
    if (!message.has_register_() || !answers) return;
    const auto& in = message.register_();
    record::BusMessage out;
    *out.mutable_session() = message.session();
    auto it = sessions_.find(key(message.entity(), message.session()));
    out.mutable_registered()->set_number(in.number());
    out.mutable_registered()->set_epoch(epoch);
    out.mutable_registered()->set_unknown_session(it == sessions_.end() || it->second.ended);
    if (it != sessions_.end()) out.mutable_registered()->set_direct_start(direct_start = it->second.started);
    bus_.send({in.edge().node(), in.edge().loop()}, std::move(out));
  }

  io::SimLoop& loop_;
  bus::SimBus bus_;
  log::SimLog& log_;
  store::SimStore& store_;
  std::map<Key, SessionState> sessions_;
  std::map<std::string, bool> accounts_;
  std::uint64_t stamp_ = 100;
};

// A world with one node named "local".
struct TestWorld {
  explicit TestWorld(std::uint64_t seed = 1) : world({.seed = seed}) {
    options.secret = "a secret of the deployment";
    options.incarnation = 7;
    options.scram_iterations = 4096;
    for (std::uint32_t p = 0; p < log.partitions(); ++p) owners.announce({p}, {{"shards", 0}, 1});
  }

  void run(base::Duration span = std::chrono::milliseconds{20}) { world.run_for(span); }

  io::SimWorld world;
  log::SimLog log{world, {.partitions = 4}};
  bus::SimBusNet net{world, {}};
  store::SimStore store{world, {}};
  ShardDouble shard{world, net, log, store};
  io::SimLoop& loop = world.add_loop("edge");
  bus::SimBus bus{net, "local"};
  bus::Owners owners{4};
  Options options;
};

}  // namespace iris::edge
