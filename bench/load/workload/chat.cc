// One-to-one messages, archived on both sides unless they are transient: messages per second at saturation (closed
// loop), or latency at a given rate (open loop).
#include "load/chat.h"

#include <cstdio>

#include "load/run.h"
#include "load/workload/workloads.h"

namespace iris::load {
namespace {

std::string rate_text(const Chat& chat, std::uint64_t& delivered_before) {
  const std::uint64_t delivered = chat.counts().delivered;
  char text[160];
  std::snprintf(text, sizeof text, "%llu messages delivered, %llu/s; %llu under way",
                static_cast<unsigned long long>(delivered),
                static_cast<unsigned long long>(delivered - delivered_before),
                static_cast<unsigned long long>(chat.counts().sent - delivered));
  delivered_before = delivered;
  return text;
}

void judge(Report& report, const Chat& chat, double drain_seconds) {
  const Chat::Counts& counts = chat.counts();
  const std::uint64_t lost = counts.sent - counts.delivered;
  report.figure("sent", static_cast<double>(counts.sent));
  report.figure("lost", static_cast<double>(lost));
  report.figure("doubled", static_cast<double>(counts.doubled));
  const std::string in_time = " within " + std::to_string(static_cast<int>(drain_seconds)) + " s of the end";
  if (lost > 0) report.fault(std::to_string(lost) + " messages did not arrive" + in_time);
  if (counts.acked < counts.sent)
    report.fault(std::to_string(counts.sent - counts.acked) + " messages were not acknowledged" + in_time);
  if (counts.doubled > 0) report.fault(std::to_string(counts.doubled) + " messages were delivered twice");
  if (counts.overtaken > 0) report.fault(std::to_string(counts.overtaken) + " messages were overtaken by later ones");
  if (counts.refused > 0) report.fault(std::to_string(counts.refused) + " messages were refused");
  if (counts.down > 0)
    report.fault(std::to_string(counts.down) + " sessions ended, the first because: " + chat.down_reason());
}

}  // namespace

Exit run_chat(const CommonOptions& common, const ChatOptions& options) {
  Run run(common, options.transient ? "chat-transient" : "chat");
  if (!run.prepare(2 * options.pairs + options.idle_sessions)) return Exit::unavailable;
  Report& report = run.report();
  report.setting("pairs", options.pairs);
  report.setting("loop", options.rate > 0 ? "open" : "closed");
  report.setting(options.rate > 0 ? "rate" : "window", options.rate > 0 ? options.rate : options.window);
  report.setting("body_bytes", options.body_bytes);
  report.setting("idle_sessions", options.idle_sessions);
  report.setting("stored_messages", static_cast<double>(options.stored_messages));
  const auto idle = run.log_in(options.idle_sessions, {.stream_management = false},
                               options.idle_sessions > 0 ? 2 * options.pairs : 0);
  const auto fleet = idle ? run.log_in(2 * options.pairs, {}) : nullptr;
  if (!fleet) return Exit::unavailable;

  std::vector<Client*> clients;
  for (const auto& client : fleet->clients()) clients.push_back(client.get());
  Chat chat(run.loop(), run.target(), clients,
            {.rate = options.rate,
             .window = options.window,
             .body_bytes = options.body_bytes,
             .transient = options.transient});
  std::uint64_t delivered_before = 0;
  const auto text = [&] { return rate_text(chat, delivered_before); };
  const auto broken = [&] { return chat.counts().down > 0; };
  chat.start();
  run.wait([&] { return broken() || chat.counts().delivered >= options.stored_messages; }, options.fill_seconds_max,
           text);
  if (chat.counts().delivered < options.stored_messages)
    report.fault("only " + std::to_string(chat.counts().delivered) + " messages were stored in time");
  run.wait(broken, options.warmup_seconds, text);

  Meter meter = run.meter();
  const Chat::Counts before = chat.counts();
  meter.start();
  chat.record(true);
  run.wait(broken, options.seconds, text);
  meter.stop();
  const Chat::Counts after = chat.counts();
  chat.record(options.rate > 0);  // what was due while it was measured still counts when it comes
  chat.stop();
  run.wait([&] { return chat.all_arrived(); }, options.drain_seconds, text);

  const auto delivered = static_cast<double>(after.delivered - before.delivered);
  report.figure("messages_per_second", delivered / meter.seconds(), "/s");
  report.figure("accepted_per_second", static_cast<double>(after.acked - before.acked) / meter.seconds(), "/s");
  meter.report(report, delivered, "message");
  judge(report, chat, options.drain_seconds);
  report.times("acceptance", chat.acceptance());
  report.times("delivery", chat.delivery());
  report.times("generator_lateness", chat.lateness());
  const Exit exit = run.finish();
  fleet->close_all();
  return exit;
}

}  // namespace iris::load
