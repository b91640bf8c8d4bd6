// Messages to people who are away; then they come, and take them.
#include "load/catch_up.h"
#include "load/mailing.h"
#include "load/run.h"
#include "load/workload/workloads.h"

namespace iris::load {
namespace {

std::string share(std::uint64_t part, std::uint64_t whole, const char* what) {
  return std::to_string(part) + " of " + std::to_string(whole) + what;
}

bool write_all(Run& run, Mailing& mailing, const OfflineOptions& options) {
  Meter meter = run.meter();
  meter.start();
  mailing.start();
  run.wait([&] { return mailing.all_accepted() || mailing.broken(); }, options.seconds_max,
           [&] { return share(mailing.acked(), mailing.total(), " messages accepted"); });
  meter.stop();
  Report& report = run.report();
  report.figure("offline_messages", static_cast<double>(mailing.acked()));
  report.figure("accepted_per_second", static_cast<double>(mailing.acked()) / meter.seconds(), "/s");
  if (meter.sees_server() && mailing.acked() > 0)
    report.figure("server_cpu_us_per_accepted", 1e6 * meter.server_cpu_seconds() / static_cast<double>(mailing.acked()),
                  "µs");
  if (mailing.broken()) report.fault(mailing.trouble());
  if (!mailing.all_accepted())
    report.fault(share(mailing.acked(), mailing.total(), " messages were accepted when the time was over"));
  return mailing.all_accepted();
}

void take_all(Run& run, CatchUp& people, const OfflineOptions& options) {
  Meter meter = run.meter();
  meter.start();
  people.start();
  run.wait([&] { return people.done(); }, options.seconds_max,
           [&] { return share(people.people_done(), options.recipients, " have what waited for them"); });
  meter.stop();
  Report& report = run.report();
  report.figure("delivered_per_second", static_cast<double>(people.messages()) / meter.seconds(), "/s");
  report.figure("people_per_second", static_cast<double>(people.people_done()) / meter.seconds(), "/s");
  meter.report(report, static_cast<double>(people.messages()), "delivered");
  report.times("catch_up", people.times());
  const std::uint64_t total = std::uint64_t{options.recipients} * options.messages_each;
  report.figure("lost", static_cast<double>(total - people.messages()));
  report.figure("doubled", static_cast<double>(people.doubled()));
  if (people.messages() < total) report.fault(share(people.messages(), total, " messages arrived"));
  if (people.doubled() > 0) report.fault(std::to_string(people.doubled()) + " messages were delivered twice");
  if (people.overtaken() > 0)
    report.fault(std::to_string(people.overtaken()) + " messages were overtaken by later ones");
  if (people.failed() > 0)
    report.fault(std::to_string(people.failed()) + " people could not stay, the first because: " + people.failure());
}

}  // namespace

Exit run_offline(const CommonOptions& common, const OfflineOptions& options) {
  Run run(common, "offline");
  if (!run.prepare(options.senders + options.recipients)) return Exit::unavailable;
  if (options.recipients < options.senders) {
    run.complain("--recipients must not be fewer than --senders");
    return Exit::usage;
  }
  Report& report = run.report();
  report.setting("senders", options.senders);
  report.setting("recipients", options.recipients);
  report.setting("messages_each", options.messages_each);
  report.setting("body_bytes", options.body_bytes);
  const auto senders = run.log_in(options.senders, {});
  if (!senders) return Exit::unavailable;
  std::vector<Client*> clients;
  for (const auto& client : senders->clients()) clients.push_back(client.get());
  const std::uint32_t first_recipient = common.first_account + options.senders;
  Mailing mailing(run.target(), clients,
                  {.first_recipient = first_recipient,
                   .recipients = options.recipients,
                   .messages_each = options.messages_each,
                   .body_bytes = options.body_bytes});
  CatchUp people(run.loop(), run.target(),
                 {.first_account = first_recipient,
                  .people = options.recipients,
                  .parallel = common.parallel,
                  .messages_each = options.messages_each,
                  .tag = mailing.tag()});
  if (write_all(run, mailing, options)) take_all(run, people, options);
  const Exit exit = run.finish();
  people.close_all();
  senders->close_all();
  return exit;
}

}  // namespace iris::load
