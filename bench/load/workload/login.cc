// Full logins, one after the other: connection, TLS, SCRAM, resource, presence, and a first message, which people of
// this workload send to themselves. Closed loop: so many under way at a time. Open loop: at a rate, by a schedule.
#include <algorithm>
#include <cstdio>
#include <deque>
#include <optional>

#include "load/run.h"
#include "load/schedule.h"
#include "load/workload/workloads.h"

namespace iris::load {
namespace {

constexpr std::uint32_t kSources =
    64;  // each login leaves its port unusable for a while: take them from many addresses

class Logins final : public Client::User {
 public:
  Logins(Loop& loop, Fleet& fleet, const LoginOptions& options) : loop_(loop), options_(options) {
    for (const auto& client : fleet.clients()) {
      client->set_user(*this);
      client->close();
      away_.push_back(client.get());
    }
    due_.resize(fleet.clients().size());
  }
  void start(std::uint32_t parallel) {
    working_ = true;
    if (options_.rate > 0) {
      schedule_.emplace(now(), options_.rate);
      begin_due();
    } else {
      for (std::uint32_t i = 0; i < parallel; ++i) begin(now());
    }
  }
  void stop() { working_ = false; }
  void record(bool on) { recording_ = on; }
  bool all_done() const { return under_way_ == 0; }

  struct Counts {
    std::uint64_t done = 0, tls_resumed = 0, failed = 0, nobody_left = 0;
  };
  const Counts& counts() const { return counts_; }
  const std::string& failure() const { return failure_; }
  const Histogram& login_times() const { return login_times_; }
  const Histogram& first_message_times() const { return first_message_times_; }

 private:
  void begin(Nanos due) {
    if (!working_) return;
    if (away_.empty()) {  // the schedule wants more people at a time than there are accounts
      ++counts_.nobody_left;
      return;
    }
    Client& client = *away_.front();
    away_.pop_front();
    ++under_way_;
    due_[client.number()] = due;
    client.login({.stream_management = false, .tls_resumption = options_.tls_resumption});
  }
  void begin_due() {
    if (!working_) return;
    const Nanos time = now();
    for (Nanos due = schedule_->take(time); due >= 0; due = schedule_->take(time)) begin(due);
    loop_.at(schedule_->next(), [this] { begin_due(); });
  }
  void on_ready(Client& client) override {
    if (recording_) login_times_.record(now() - due_[client.number()]);
    client.send("<message type='chat' id='first' to='" + client.jid() +
                "'><body>hello</body><no-store xmlns='urn:xmpp:hints'/></message>");
  }
  void on_stanza(Client& client, std::string_view name, std::string_view stanza) override {
    if (name != "message" || attribute(stanza, "id") != "first") return;
    if (attribute(stanza, "type") == "error") return ended(client, "its first message came back as an error");
    if (recording_) first_message_times_.record(now() - due_[client.number()]);
    ++counts_.done;
    if (client.wire().tls_resumed()) ++counts_.tls_resumed;
    client.close();
    ended(client, {});
  }
  void on_acked(Client&, std::uint32_t) override {}
  void on_down(Client& client, std::string_view why) override { ended(client, why); }

  void ended(Client& client, std::string_view failure) {
    if (!failure.empty()) {
      if (counts_.failed++ == 0) failure_ = failure;
      client.cut();
    }
    --under_way_;
    away_.push_back(&client);
    // Not from within the client's own call: it may be this very client's turn again.
    if (!schedule_) loop_.at(0, [this] { begin(now()); });
  }

  Loop& loop_;
  LoginOptions options_;
  std::deque<Client*> away_;
  std::vector<Nanos> due_;
  std::optional<Schedule> schedule_;
  bool working_ = false, recording_ = false;
  std::uint32_t under_way_ = 0;
  Counts counts_;
  std::string failure_;
  Histogram login_times_, first_message_times_;
};

}  // namespace

Exit run_login(const CommonOptions& common, const LoginOptions& options) {
  CommonOptions spread = common;
  spread.target.connections_per_source =
      std::min(common.target.connections_per_source, std::max(1U, options.accounts / kSources));
  Run run(spread, "login");
  if (!run.prepare(options.accounts)) return Exit::unavailable;
  Report& report = run.report();
  report.setting("accounts", options.accounts);
  report.setting("loop", options.rate > 0 ? "open" : "closed");
  report.setting(options.rate > 0 ? "rate" : "parallel", options.rate > 0 ? options.rate : common.parallel);
  report.setting("tls_resumption", options.tls_resumption ? "yes" : "no");
  // Once everybody, unmeasured: that derives their keys, and brings the first TLS sessions.
  const auto fleet =
      run.log_in(options.accounts, {.stream_management = false, .tls_resumption = options.tls_resumption});
  if (!fleet) return Exit::unavailable;

  Logins logins(run.loop(), *fleet, options);
  std::uint64_t before = 0;
  const auto text = [&] {
    const std::uint64_t done = logins.counts().done;
    const std::string line = std::to_string(done) + " logins, " + std::to_string(done - before) + "/s";
    before = done;
    return line;
  };
  const auto never = [] { return false; };
  logins.start(std::min(common.parallel, options.accounts));
  run.wait(never, options.warmup_seconds, text);
  Meter meter = run.meter();
  const Logins::Counts began = logins.counts();
  meter.start();
  logins.record(true);
  run.wait(never, options.seconds, text);
  meter.stop();
  const Logins::Counts ended = logins.counts();
  logins.record(options.rate > 0);
  logins.stop();
  run.wait([&] { return logins.all_done(); }, options.drain_seconds, text);

  const auto done = static_cast<double>(ended.done - began.done);
  report.figure("logins_per_second", done / meter.seconds(), "/s");
  if (done > 0)
    report.figure("tls_resumed_percent", 100 * static_cast<double>(ended.tls_resumed - began.tls_resumed) / done, "%");
  meter.report(report, done, "login");
  report.times("login", logins.login_times());
  report.times("first_message", logins.first_message_times());
  const Logins::Counts& all = logins.counts();
  if (all.failed > 0)
    report.fault(std::to_string(all.failed) + " logins failed, the first because: " + logins.failure());
  if (all.nobody_left > 0)
    report.fault(std::to_string(all.nobody_left) + " logins were due while all accounts were in use: more --accounts");
  if (!logins.all_done()) report.fault("some logins were still under way at the end");
  return run.finish();
}

}  // namespace iris::load
