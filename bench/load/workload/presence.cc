// People with long rosters log in and out, while half of their contacts are there and see it.
#include <algorithm>
#include <deque>

#include "load/message.h"
#include "load/rosters.h"
#include "load/run.h"
#include "load/workload/workloads.h"

namespace iris::load {
namespace {

// Of each group the first half stays; the others come and go. Closed loop: so many are on their way in at a time.
class ComingAndGoing final : private Client::User {
 public:
  ComingAndGoing(Loop& loop, Fleet& fleet, std::uint32_t group_size)
      : loop_(loop), group_size_(group_size), tag_(run_tag(static_cast<std::uint64_t>(now() / kMillisecond))) {
    for (const auto& client : fleet.clients()) {
      client->set_user(*this);
      if (!stays(*client)) away_.push_back(client.get());
    }
  }
  // Those who come and go leave at first.
  void leave_all() {
    for (Client* client : away_) client->close();
  }
  void start(std::uint32_t parallel) {
    working_ = true;
    for (std::uint32_t i = 0; i < parallel; ++i) come();
  }
  void stop() { working_ = false; }
  void record(bool on) { recording_ = on; }
  bool all_seen() const { return under_way_ == 0 && seen_ >= to_be_seen_; }
  std::uint64_t logins() const { return logins_; }
  std::uint64_t presences() const { return presences_; }  // that came to anybody
  std::uint64_t unseen() const { return to_be_seen_ - std::min(seen_, to_be_seen_); }
  std::uint64_t failed() const { return failed_; }
  const std::string& failure() const { return failure_; }
  const Histogram& seen_times() const { return seen_times_; }
  const Histogram& login_times() const { return login_times_; }

 private:
  bool stays(const Client& client) const { return client.number() % group_size_ < group_size_ / 2; }
  void come() {
    if (!working_ || away_.empty()) return;
    Client& client = *away_.front();
    away_.pop_front();
    ++under_way_;
    client.login({.presence = false, .stream_management = false});
  }
  void on_ready(Client& client) override {
    client.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
    client.send("<presence><status>" + mark_text(tag_, {0, now()}) + "</status></presence>");
    to_be_seen_ += group_size_ / 2;
  }
  void on_stanza(Client& client, std::string_view name, std::string_view stanza) override {
    if (name != "presence") return;
    ++presences_;
    if (!attribute(stanza, "type").empty()) return;
    const auto mark = read_mark(child_text(stanza, "status"), tag_);
    if (!mark) return;
    if (stays(client)) {
      ++seen_;
      if (recording_) seen_times_.record(now() - mark->due);
    } else if (attribute(stanza, "from") == client.jid()) {
      ++logins_;
      if (recording_) login_times_.record(now() - client.login_began());
      // It leaves when those who stay have surely been told: behind what the server has for it just now.
      loop_.after(50 * kMillisecond, [this, &client] { leave(client); });
    }
  }
  void leave(Client& client) {
    if (!client.ready()) return;
    client.close();
    away_.push_back(&client);
    --under_way_;
    come();
  }
  void on_acked(Client&, std::uint32_t) override {}
  void on_down(Client& client, std::string_view why) override {
    if (failed_++ == 0) failure_ = why;
    if (stays(client)) return;
    --under_way_;
    away_.push_back(&client);
    loop_.after(100 * kMillisecond, [this] { come(); });
  }

  Loop& loop_;
  std::uint32_t group_size_;
  std::string tag_;
  std::deque<Client*> away_;
  bool working_ = false, recording_ = false;
  std::uint32_t under_way_ = 0;
  std::uint64_t logins_ = 0, presences_ = 0, to_be_seen_ = 0, seen_ = 0, failed_ = 0;
  std::string failure_;
  Histogram seen_times_, login_times_;
};

bool make_rosters(Run& run, Fleet& fleet, const PresenceOptions& options, std::uint32_t group_size) {
  std::vector<Client*> clients;
  for (const auto& client : fleet.clients()) clients.push_back(client.get());
  Rosters rosters(run.target(), clients, group_size);
  rosters.start();
  run.wait([&] { return rosters.done() || rosters.broken(); }, options.setup_seconds_max,
           [&] {
             return "making rosters: " + std::to_string(rosters.there()) + " of " + std::to_string(rosters.wanted()) +
                    " entries";
           });
  if (rosters.broken()) run.report().fault(rosters.trouble());
  if (!rosters.done())
    run.report().fault("the rosters have " + std::to_string(rosters.there()) + " of " +
                       std::to_string(rosters.wanted()) + " entries");
  return rosters.done();
}

void measure(Run& run, Fleet& fleet, const PresenceOptions& options, std::uint32_t group_size) {
  ComingAndGoing people(run.loop(), fleet, group_size);
  people.leave_all();
  const auto never = [] { return false; };
  const auto text = [&] {
    return std::to_string(people.logins()) + " logins, " + std::to_string(people.presences()) + " presences";
  };
  run.wait(never, 2, [] { return "half of them leave"; });
  people.start(run.options().parallel);
  run.wait(never, options.warmup_seconds, text);
  Meter meter = run.meter();
  const std::uint64_t logins_before = people.logins(), presences_before = people.presences();
  meter.start();
  people.record(true);
  run.wait(never, options.seconds, text);
  meter.stop();
  people.record(false);
  const auto logins = static_cast<double>(people.logins() - logins_before);
  const auto presences = static_cast<double>(people.presences() - presences_before);
  people.stop();
  run.wait([&] { return people.all_seen(); }, options.drain_seconds, text);

  Report& report = run.report();
  report.figure("presences_per_second", presences / meter.seconds(), "/s");
  report.figure("logins_per_second", logins / meter.seconds(), "/s");
  meter.report(report, presences, "presence");
  report.figure("unseen", static_cast<double>(people.unseen()));
  report.times("login", people.login_times());
  report.times("seen_by_contacts", people.seen_times());
  if (people.unseen() > 0)
    report.fault(std::to_string(people.unseen()) + " arrivals were not seen by somebody who was there");
  if (people.failed() > 0)
    report.fault(std::to_string(people.failed()) + " sessions failed, the first because: " + people.failure());
}

}  // namespace

Exit run_presence(const CommonOptions& common, const PresenceOptions& options) {
  const std::uint32_t group_size = options.roster + 1, people = group_size * options.groups;
  Run run(common, "presence");
  if (!run.prepare(people)) return Exit::unavailable;
  Report& report = run.report();
  report.setting("roster", options.roster);
  report.setting("people", people);
  report.setting("parallel", common.parallel);
  const auto fleet = run.log_in(people, {.stream_management = false});
  if (!fleet) return Exit::unavailable;
  if (make_rosters(run, *fleet, options, group_size)) measure(run, *fleet, options, group_size);
  const Exit exit = run.finish();
  fleet->close_all();
  return exit;
}

}  // namespace iris::load
