// Sessions that do nothing but be there, with a keepalive ping now and then: memory per session, and CPU of doing
// nothing.
#include <cstdio>

#include "load/run.h"
#include "load/schedule.h"
#include "load/workload/workloads.h"

namespace iris::load {
namespace {

// Each session pings the server in its turn (XEP-0199).
class Pings final : public Client::User {
 public:
  Pings(Loop& loop, Fleet& fleet, double every_seconds)
      : loop_(loop), fleet_(fleet), schedule_(now(), static_cast<double>(fleet.clients().size()) / every_seconds) {
    for (const auto& client : fleet.clients()) client->set_user(*this);
  }
  void run(const std::string& domain) {
    const Nanos time = now();
    for (Nanos due = schedule_.take(time); due >= 0; due = schedule_.take(time)) {
      Client& client = *fleet_.clients()[next_++ % fleet_.clients().size()];
      if (!client.ready()) continue;
      client.send("<iq type='get' id='p" + std::to_string(due) + "' to='" + domain +
                  "'><ping xmlns='urn:xmpp:ping'/></iq>");
      ++sent_;
    }
    loop_.at(std::max(schedule_.next(), time + kMillisecond), [this, domain] { run(domain); });
  }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t down() const { return down_; }
  const std::string& down_reason() const { return down_reason_; }
  const Histogram& times() const { return times_; }

 private:
  void on_ready(Client&) override {}
  void on_acked(Client&, std::uint32_t) override {}
  void on_stanza(Client&, std::string_view name, std::string_view stanza) override {
    const std::string_view id = attribute(stanza, "id");
    // Servers ping too, and name their pings as they like.
    if (name != "iq" || !id.starts_with('p') || attribute(stanza, "type") != "result") return;
    times_.record(now() - std::strtoll(std::string(id.substr(1)).c_str(), nullptr, 10));
  }
  void on_down(Client&, std::string_view why) override {
    ++down_;
    if (down_reason_.empty()) down_reason_ = why;
  }

  Loop& loop_;
  Fleet& fleet_;
  Schedule schedule_;
  std::size_t next_ = 0;
  std::uint64_t sent_ = 0, down_ = 0;
  std::string down_reason_;
  Histogram times_;
};

double kib(std::uint64_t bytes) { return static_cast<double>(bytes) / 1024; }

}  // namespace

Exit run_idle(const CommonOptions& common, const IdleOptions& options) {
  Run run(common, "idle");
  if (!run.prepare(options.sessions)) return Exit::unavailable;
  Report& report = run.report();
  report.setting("sessions", options.sessions);
  report.setting("ping_every_seconds", options.ping_seconds);
  report.setting("stream_management", options.stream_management ? "yes" : "no");
  const Usage empty = usage_of(common.server_pids);
  Meter logins = run.meter();
  logins.start();
  const auto fleet = run.log_in(
      options.sessions, {.stream_management = options.stream_management, .resumption = options.stream_management});
  if (!fleet) return Exit::unavailable;
  logins.stop();
  const std::string held = std::to_string(fleet->ready()) + " sessions";
  Pings pings(run.loop(), *fleet, options.ping_seconds > 0 ? options.ping_seconds : 1);
  if (options.ping_seconds > 0) pings.run(common.target.domain);
  run.wait([] { return false; }, options.settle_seconds, [&] { return held + ", settling"; });

  Meter meter = run.meter();
  meter.start();
  const std::uint64_t pings_before = pings.sent();
  run.wait([] { return false; }, options.seconds, [&] { return held + ", idle"; });
  meter.stop();

  report.figure("sessions", static_cast<double>(fleet->ready()) - static_cast<double>(pings.down()));
  report.figure("logins_per_second", static_cast<double>(options.sessions) / logins.seconds(), "/s");
  if (meter.sees_server()) {
    report.figure("server_resident_kib_before", kib(empty.resident_bytes), "KiB");
    report.figure("server_resident_kib_per_session",
                  (kib(meter.after().resident_bytes) - kib(empty.resident_bytes)) / options.sessions, "KiB");
    report.figure("server_anonymous_kib_per_session",
                  (kib(meter.after().anonymous_bytes) - kib(empty.anonymous_bytes)) / options.sessions, "KiB");
  }
  meter.report(report, static_cast<double>(pings.sent() - pings_before), "ping");
  report.times("ping", pings.times());
  if (pings.down() > 0)
    report.fault(std::to_string(pings.down()) + " sessions ended, the first because: " + pings.down_reason());
  const Exit exit = run.finish();
  fleet->close_all();
  return exit;
}

}  // namespace iris::load
