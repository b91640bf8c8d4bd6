// All sessions are cut at once and come back at once, while bystanders go on talking: time until all are served, what
// was refused on the way, and what the bystanders noticed.
#include "load/storm.h"

#include <atomic>

#include "io/thread.h"
#include "load/chat.h"
#include "load/run.h"
#include "load/workload/workloads.h"

namespace iris::load {
namespace {

void report_storm(Run& run, const Storm& storm, const StormOptions& options) {
  Report& report = run.report();
  report.figure("back", static_cast<double>(storm.back()));
  report.figure("back_after_seconds", to_seconds(storm.times().max()), "s");
  report.figure("resumed_percent", 100.0 * static_cast<double>(storm.resumed()) / options.sessions, "%");
  std::uint64_t refused = 0;
  std::string reasons;
  for (const auto& [why, count] : storm.failures()) {
    refused += count;
    reasons += (reasons.empty() ? "" : "; ") + std::to_string(count) + " x " + why;
  }
  report.figure("attempts_failed", static_cast<double>(refused));
  report.setting("failed_because", reasons);
  report.times("back", storm.times());
  if (!storm.over())
    report.fault(std::to_string(options.sessions - storm.back()) + " sessions were not served again. " + reasons);
}

void report_bystanders(Report& report, const Chat& chat) {
  const Chat::Counts& counts = chat.counts();
  report.times("bystanders_in_the_storm", chat.delivery());
  if (counts.down > 0) report.fault(std::to_string(counts.down) + " bystanders were thrown out: " + chat.down_reason());
  if (!chat.all_arrived())
    report.fault(std::to_string(counts.sent - counts.delivered) + " messages of bystanders did not arrive");
}

}  // namespace

Exit run_storm(const CommonOptions& common, const StormOptions& options) {
  Run run(common, options.resume ? "storm-resume" : "storm-login");
  const std::uint32_t bystanders = 2 * options.bystander_pairs;
  if (!run.prepare(options.sessions + bystanders)) return Exit::unavailable;
  Report& report = run.report();
  report.setting("sessions", options.sessions);
  report.setting("bystander_pairs", options.bystander_pairs);
  report.setting("bystander_rate", options.bystander_rate);
  report.setting("parallel_returns", options.at_once);
  const Client::Wishes wishes{.resumption = options.resume, .tls_resumption = options.tls_resumption};
  const auto people = run.log_in(options.sessions, wishes);
  // On a loop and a thread of their own: what they notice is the server's delay, not that of ten thousand logins which
  // the generator computes beside them.
  Loop apart;
  const auto watchers = people ? run.log_in(apart, bystanders, {}, options.sessions) : nullptr;
  if (!people || !watchers) return Exit::unavailable;

  std::vector<Client*> talking;
  for (const auto& client : watchers->clients()) talking.push_back(client.get());
  Chat chat(apart, run.target(), talking, {.rate = options.bystander_rate});
  chat.start();
  const auto never = [] { return false; };
  const auto before = [] { return "before the storm"; };
  run.wait(apart, never, 1, before);
  chat.record(true);
  run.wait(apart, never, options.calm_seconds, before);
  report.times("bystanders_before", chat.delivery());
  chat.forget_times();

  Storm storm(run.loop(), *people, {.wishes = wishes, .resume = options.resume, .parallel = options.at_once});
  Meter meter = run.meter();
  std::atomic<bool> calm = false;
  io::Thread aside("bystanders", [&] { apart.run_until([&] { return calm.load(); }, now() + 24 * 3600 * kSecond); });
  meter.start();
  storm.strike();
  run.wait([&] { return storm.over(); }, options.seconds_max,
           [&] { return std::to_string(storm.back()) + " of " + std::to_string(options.sessions) + " are back"; });
  meter.stop();
  calm = true;
  aside.join();
  chat.stop();
  run.wait(
      apart, [&] { return chat.all_arrived(); }, 30, [] { return "waiting for the bystanders' last messages"; });

  report_storm(run, storm, options);
  meter.report(report, static_cast<double>(storm.back()), "return");
  report_bystanders(report, chat);
  const Exit exit = run.finish();
  people->close_all();
  watchers->close_all();
  return exit;
}

}  // namespace iris::load
