#include "simulation.h"

#include <memory>

#include "blocks.h"
#include "record/keys.h"
#include "shard/archive_id.h"
#include "user.h"

namespace iris::sim {
namespace {

using namespace std::chrono_literals;

class Simulation {
 public:
  explicit Simulation(const Plan& plan) : plan_(plan), cluster_(plan.seed) {}

  Report run() {
    set_up();
    for (unsigned i = 0; i < plan_.steps && findings_.violations.empty(); ++i) step();
    calm_down();
    last_round();
    if (findings_.violations.empty()) check();
    return report();
  }

 private:
  io::SeededRandom& random() { return cluster_.world.random(); }
  bool chance(double p) { return random().chance(p); }

  void set_up() {
    for (unsigned i = 0; i < plan_.users; ++i) {
      auto account = "u" + std::to_string(i) + "@sim";
      cluster_.create_account(account);
      auto devices = chance(0.3) ? 2 : 1;
      for (int d = 0; d < devices; ++d) {
        devices_.push_back(std::make_unique<Device>(cluster_, ledger_, account, "d" + std::to_string(d)));
        devices_.back()->greedy = chance(0.2);
        devices_.back()->wants_carbons = devices == 2 && chance(0.7);
        devices_.back()->enables_first = chance(0.5);
        devices_.back()->commands_lists = d == 0;
      }
    }
    cluster_.on_edge_message = [this](const record::BusMessage& message, const std::function<void()>& pass) {
      if (message.has_deliver() || message.has_soft())
        for (auto& device : devices_)
          if (device->is_session(message.session())) return device->on_edge_message(message, pass);
      pass();
    };
    cluster_.run_for(100ms);
    choose_faults();
    choose_habits();
    cluster_.faults.decide_by([this](log::CrashPoint, io::SimLoop& loop) {
      if (!loop.alive() || crash_chance_ == 0 || !cluster_.node() || !random().chance(crash_chance_)) return false;
      cluster_.kill_node();
      return true;
    });
    cluster_.start_node();
    cluster_.run_for(300ms);
    for (auto& device : devices_) device->login();
    cluster_.run_for(500ms);
  }

  // Each run has a weather of its own.
  void choose_faults() {
    auto some = [this](double p, double most) { return chance(p) ? most * double(random().below(1000)) / 1000 : 0; };
    crash_chance_ = some(0.9, 0.003);
    auto& log = cluster_.log.options();
    log.append_unknown_kept = some(0.4, 0.02);
    log.append_unknown_lost = some(0.4, 0.02);
    log.append_overloaded = some(0.2, 0.01);
    log.fetch_unavailable = some(0.2, 0.02);
    auto& store = cluster_.store.options();
    store.write_unavailable = some(0.3, 0.1);
    store.write_unknown_kept = some(0.3, 0.1);
    store.write_unknown_parts = some(0.3, 0.1);
    store.write_late = some(0.3, 0.05);
    store.read_unavailable = some(0.3, 0.1);
    if (chance(0.2)) store.write_max = 200ms;
    auto& bus = cluster_.bus.options();
    bus.drop = some(0.5, 0.05);
    bus.twice = some(0.4, 0.05);
    bus.twice_late = some(0.3, 0.02);
    bus.late = some(0.3, 0.01);
    ledger_.bus_keeps_order = bus.twice_late == 0;
  }

  // And what people do beside writing to each other.
  void choose_habits() {
    flips_ = chance(0.7) ? 0.3 : 0;
    looks_away_ = chance(0.6) ? 0.3 : 0;
    blocks_ = chance(0.5) ? 0.1 : 0;
  }

  Device& any_device() { return *devices_[random().below(devices_.size())]; }

  void send_one(Device& from) {
    auto& to = any_device();
    if (to.account() == from.account()) return;
    auto sequence = ++sequences_[from.full()];
    auto id = from.full() + "#" + std::to_string(sequence);
    auto& message = messages_[id];
    message.id = id;
    message.from = from.account();
    message.device = from.full();
    message.to_bare = to.account();
    message.to = chance(0.25) ? to.full() : to.account();
    message.sequence = sequence;
    message.unhindered = all_unblocked_;
    from.send(message);
  }

  // Available or not, and entitled to the inbox or not (RFC 6121 §4.7.2.3).
  std::optional<int> any_presence() {
    const auto dice = random().below(10);
    if (dice < 2) return std::nullopt;
    return dice < 4 ? -1 : int(dice) - 4;
  }

  void be_seen() {
    auto& device = any_device();
    if (flips_ > 0 && chance(0.3)) device.first_priority = any_presence();
    if (device.state() != Device::State::online) return;
    if (chance(flips_)) ++flip_count_, device.show(any_presence());
    if (chance(looks_away_)) device.set_active(chance(0.4));
    if (chance(looks_away_)) {
      auto& to = any_device();
      for (auto i = random().below(5); i > 0 && to.account() != device.account(); --i)
        device.send_soft(chance(0.5) ? to.full() : to.account(), chance(0.4));
    }
    if (!device.commands_lists || !chance(blocks_)) return;
    auto& peer = any_device();
    if (peer.account() == device.account()) return;
    ++block_count_;
    chance(0.5) ? device.block(peer.account()) : chance(0.9) ? device.unblock(peer.account()) : device.unblock_all();
  }

  void step() {
    if (!cluster_.node()) revive();
    for (int i = 0; i < 3; ++i) be_seen();
    auto dice = random().below(1000);
    auto& device = any_device();
    if (dice < 550)
      send_one(device);
    else if (dice < 620)
      for (int i = 0; i < 6; ++i) send_one(device);
    else if (dice < 690)
      device.cut();
    else if (dice < 760)
      device.resume();
    else if (dice < 890)
      device.login();
    else if (dice < 915)
      device.leave();
    else if (dice < 960)
      device.ack_now();
    else if (dice < 970)
      cluster_.store.options().down = !cluster_.store.options().down;
    else if (dice < 975 && crash_chance_ > 0)
      cluster_.kill_node();
    else if (dice < 985)
      cluster_.store.options().down = false;
    else
      device.read_archive();
    cluster_.run_for(base::Duration(random().below(chance(0.1) ? 400'000 : 15'000)));
  }

  void revive() {
    for (auto& device : devices_) device->node_died();
    cluster_.run_for(base::Duration(random().below(500'000)));
    cluster_.start_node();
    cluster_.run_for(base::Duration(random().below(300'000)));
  }

  void calm_down() {
    crash_chance_ = 0;
    auto& log = cluster_.log.options();
    log.append_unknown_kept = log.append_unknown_lost = log.append_overloaded = log.append_no_space =
        log.fetch_unavailable = 0;
    auto& store = cluster_.store.options();
    store.write_unavailable = store.write_unknown_kept = store.write_unknown_parts = store.write_late =
        store.read_unavailable = 0;
    store.down = false;
    auto& bus = cluster_.bus.options();
    bus.drop = bus.twice = bus.twice_late = bus.late = 0;
  }

  void everyone_online() {
    for (int round = 0; round < 40; ++round) {
      if (!cluster_.node()) revive();
      bool all = true;
      for (auto& device : devices_) {
        device->greedy = false;
        if (device->state() == Device::State::detached) device->resume();
        if (device->state() == Device::State::offline) device->login();
        device->first_priority = 0;
        if (!device->is_entitled()) device->show(0);
        device->set_active(true);
        all = all && device->state() == Device::State::online;
      }
      cluster_.run_for(1s);
      if (all && round >= 5) return;
    }
    for (auto& device : devices_)
      if (device->state() != Device::State::online)
        findings_.add("liveness: " + device->full() + " cannot get online, state " +
                      std::to_string(int(device->state())) +
                      (cluster_.node() ? ", stopped: " + cluster_.node()->stopped() : ", no node"));
  }

  void settle(base::Duration span) {
    cluster_.run_for(span);
    for (auto& device : devices_) {
      device->ack_now();
      device->ask_for_ack();
    }
    cluster_.run_for(2s);
  }

  // In good weather everything flows: what was not acked is, and who is online gets all that comes.
  void last_round() {
    if (!findings_.violations.empty()) return;
    everyone_online();
    settle(20s);
    for (auto& device : devices_)
      if (device->commands_lists && blocks_ > 0) device->unblock_all();
    settle(5s);
    for (auto& device : devices_)
      if (device->commands_lists && blocks_ > 0 && !device->knows_none_blocked())
        findings_.add("liveness: " + device->full() + " cannot unblock");
    all_unblocked_ = true;
    for (auto& device : devices_) send_one(*device);
    settle(5s);
    for (auto& device : devices_)
      if (device->has_unacked())
        findings_.add("liveness: " + device->full() + " still has messages that are not acked: " + device->describe());
  }

  // A page is what the archive holds between its ends, all of it, in order.
  void check_pages() {
    const shard::ArchiveIds ids{{}};
    for (const auto& device : devices_)
      for (const auto& page : device->pages) {
        ++pages_;
        std::vector<std::string> held;
        const auto first = ids.decode(page.account, page.first), last = ids.decode(page.account, page.last);
        if (first && last)
          for (const auto& [key, cell] : cluster_.store.table(store::Table::archive).at(page.account)) {
            record::ArchiveRow row;
            const auto at = record::stamp_of_key(key);
            if (cell.value && row.ParseFromString(*cell.value) && row.visible() && at >= *first && at <= *last)
              held.push_back(ids.encode(page.account, at));
          }
        if (held != page.ids)
          findings_.add("an archive page has a hole: " + page.account + " was given " +
                        std::to_string(page.ids.size()) + " of " + std::to_string(held.size()));
      }
  }

  // A session that lives gets all that concerns its account, as itself or as a copy, and has said so in on_carbon if it
  // was too much.
  void check_carbons() {
    for (const auto& device : devices_) {
      auto since = device->carbons_since();
      const auto& archive = cluster_.store.table(store::Table::archive);
      if (!since || !archive.contains(device->account())) continue;
      for (const auto& [key, cell] : archive.at(device->account())) {
        record::ArchiveRow row;
        if (!cell.value || !row.ParseFromString(*cell.value) || !row.carbon()) continue;
        const auto& id = row.stanza().origin_id();
        if (id.empty() || row.original_stamp() != 0 || record::stamp_of_key(key) <= *since ||
            row.stanza().from() == device->full())
          continue;
        ++copies_due_;
        if (!device->has_seen(id))
          findings_.add("carbons: " + id + " did not come to " + device->full() + ", row " +
                        std::to_string(record::stamp_of_key(key).value) + ", enabled " + std::to_string(since->value));
      }
    }
  }

  void check() {
    check_pages();
    check_carbons();
    const Blocks blocks(cluster_.store, ledger_.commands, findings_);
    std::map<std::string, std::map<std::string, unsigned>> sent, received;  // archive -> message -> rows
    for (const auto& [jid, rows] : cluster_.store.table(store::Table::archive)) {
      std::map<std::string, std::uint64_t> last;
      for (const auto& [key, cell] : rows) {
        if (!cell.value) continue;
        record::ArchiveRow row;
        if (!row.ParseFromString(*cell.value)) {
          findings_.add("archive row does not parse: " + jid);
          continue;
        }
        if (!row.visible()) continue;
        const auto& id = row.stanza().origin_id();
        if (row.outgoing()) {
          ++sent[jid][id];
          continue;
        }
        ++received[jid][id];
        auto& message = messages_[id];
        if (message.sequence <= last[message.device])
          findings_.add("per-sender order in the archive of " + jid + ": " + id);
        last[message.device] = message.sequence;
      }
    }
    for (const auto& [id, message] : messages_) {
      auto s = sent[message.from][id], r = received[message.to_bare][id];
      if (s > 1 || r > 1)
        findings_.add("archived " + std::to_string(s) + " and " + std::to_string(r) + " times: " + id);
      // A retry that is refused says nothing about the attempt before it.
      if (message.refused && message.attempts == 1 && s + r > 0) findings_.add("refused and taken all the same: " + id);
      if (message.self_blocked && s + r > 0) findings_.add("refused for a block, and taken all the same: " + id);
      if (message.bounced && (s != 1 || r != 0)) findings_.add("bounced, and archived all the same: " + id);
      if (message.unhindered && (message.bounced || message.self_blocked))
        findings_.add("blocking: nobody is blocked, and yet refused: " + id);
      if (!message.acked) continue;
      // What one wrote oneself to somebody blocked is nowhere; what somebody blocked wrote is in their archive alone.
      const bool may_hinder = !message.unhindered;
      if (may_hinder && s == 0 && r == 0 && blocks.ever(message.from, message.to_bare)) continue;
      if (may_hinder && s == 1 && r == 0 && blocks.ever(message.to_bare, message.from)) continue;
      // Routed again, it meets a block that was not there when it came.
      const bool may_vanish = message.to != message.to_bare && blocks.ever(message.to_bare, message.from);
      if (s != 1 || r != 1)
        findings_.add("nothing acked is lost: " + id + " is in the sender's archive " + std::to_string(s) +
                      " times, in the recipient's " + std::to_string(r));
      else if (message.received == 0 && !may_vanish)
        findings_.add("nothing acked is lost: " + id + " to " + message.to + " was delivered to nobody" +
                      rows_of(message));
    }
  }

  // How the recipient's archive holds it, and how far it believes to have come: what one wants to see first.
  std::string rows_of(const Message& message) {
    std::string out;
    for (const auto& [key, cell] : cluster_.store.table(store::Table::archive).at(message.to_bare)) {
      record::ArchiveRow row;
      if (!cell.value || !row.ParseFromString(*cell.value) || row.stanza().origin_id() != message.id) continue;
      out += "; row " + std::to_string(record::stamp_of_key(key).value) + (row.inbox() ? " inbox" : "") +
             (row.offline() ? " offline" : "") + (row.resource().empty() ? "" : " resource=" + row.resource()) +
             (row.original_stamp() ? " routed again" : "");
    }
    const auto& cursors = cluster_.store.table(store::Table::cursor);
    if (auto it = cursors.find(message.to_bare); it != cursors.end())
      for (const auto& [key, cell] : it->second) out += "; cursor " + std::to_string(cell.stamp.value);
    return out;
  }

  Report report() {
    Report out;
    out.violations = findings_.violations;
    for (const auto& [id, message] : messages_) {
      ++out.messages;
      out.acked += message.acked;
      out.deliveries += message.received;
      out.bounced += message.bounced;
    }
    out.copies = copies_due_;
    out.flips = flip_count_;
    out.softs = ledger_.softs;
    out.held = ledger_.softs_held;
    out.blocks = block_count_;
    out.lives = cluster_.lives();
    out.events = cluster_.world.steps();
    out.digest = cluster_.world.digest();
    out.pages = pages_;
    out.bus_dropped = cluster_.bus.dropped();
    for (std::size_t i = 0; i < log::kCrashPoints; ++i) {
      out.passed[i] = cluster_.faults.passed(static_cast<log::CrashPoint>(i));
      out.crashed[i] = cluster_.faults.crashed(static_cast<log::CrashPoint>(i));
    }
    return out;
  }

  const Plan plan_;
  Cluster cluster_;
  Ledger ledger_;
  Findings& findings_ = ledger_.findings;
  std::map<std::string, Message>& messages_ = ledger_.messages;
  std::map<std::string, std::uint64_t> sequences_;
  std::uint64_t pages_ = 0;
  std::vector<std::unique_ptr<Device>> devices_;
  double crash_chance_ = 0;
  std::uint64_t copies_due_ = 0;
  double flips_ = 0, looks_away_ = 0, blocks_ = 0;
  bool all_unblocked_ = false;
  std::uint64_t flip_count_ = 0, block_count_ = 0;
};

}  // namespace

Report run(const Plan& plan) { return Simulation(plan).run(); }

}  // namespace iris::sim
