// Long archives are filled, and then paged through: newest first, and by date.
#include "load/mailing.h"
#include "load/pager.h"
#include "load/recipients.h"
#include "load/run.h"
#include "load/workload/workloads.h"

namespace iris::load {
namespace {

std::vector<Client*> pointers(Fleet& fleet) {
  std::vector<Client*> out;
  for (const auto& client : fleet.clients()) out.push_back(client.get());
  return out;
}

struct Filled {
  std::string tag;
  std::int64_t from = 0, until = 0;
};

// Nothing, and a fault in the report, if not all was accepted.
bool fill(Run& run, Fleet& readers, const ArchiveOptions& options, Filled& filled) {
  const auto senders = run.log_in(options.senders, {}, options.readers);
  if (!senders) return false;
  Mailing mailing(run.target(), pointers(*senders),
                  {.first_recipient = run.options().first_account,
                   .recipients = options.readers,
                   .messages_each = options.messages_each});
  filled.tag = mailing.tag();
  const Recipients recipients(pointers(readers), mailing.tag());
  filled.from = utc_now_microseconds();
  mailing.start();
  run.wait([&] { return mailing.all_accepted() || mailing.broken(); }, options.fill_seconds_max,
           [&] {
             return "filling archives: " + std::to_string(mailing.acked()) + " of " + std::to_string(mailing.total());
           });
  // Accepted is not yet archived at the recipient; delivered is.
  run.wait([&] { return recipients.messages() == mailing.total(); }, 60,
           [&] {
             return std::to_string(recipients.messages()) + " of " + std::to_string(mailing.total()) +
                    " messages delivered";
           });
  filled.until = utc_now_microseconds();
  if (mailing.broken()) run.report().fault(mailing.trouble());
  if (!mailing.all_accepted()) run.report().fault("the archives could not be filled in time");
  if (recipients.messages() < mailing.total())
    run.report().fault(std::to_string(mailing.total() - recipients.messages()) + " messages did not arrive");
  if (recipients.doubled() > 0)
    run.report().fault(std::to_string(recipients.doubled()) + " messages were delivered twice");
  senders->close_all();
  return run.report().good();
}

void page(Run& run, Fleet& readers, const ArchiveOptions& options, const Filled& filled, bool by_date) {
  const std::string way = by_date ? "by_date" : "newest_first";
  Pager pager(pointers(readers), {.page = options.page,
                                  .slices = by_date ? options.slices : 0,
                                  .from = filled.from,
                                  .until = filled.until,
                                  .tag = filled.tag});
  Meter meter = run.meter();
  meter.start();
  pager.start();
  run.wait([&] { return pager.broken(); }, options.seconds,
           [&] { return way + ": " + std::to_string(pager.pages()) + " pages"; });
  meter.stop();
  const auto pages = static_cast<double>(pager.pages());
  pager.stop();
  run.wait([&] { return pager.idle() || pager.broken(); }, 30, [] { return "the last pages"; });

  Report& report = run.report();
  report.figure(way + "_pages_per_second", pages / meter.seconds(), "/s");
  report.figure(way + "_messages_per_second", static_cast<double>(pager.messages()) / meter.seconds(), "/s");
  if (meter.sees_server() && pages > 0)
    report.figure(way + "_server_cpu_us_per_page", 1e6 * meter.server_cpu_seconds() / pages, "µs");
  report.times(way + "_page", pager.times());
  if (pager.broken()) report.fault(pager.trouble());
  if (!pager.idle()) report.fault("some pages did not come");
  if (const std::int64_t found = pager.fewest_found(); found >= 0 && found < options.messages_each)
    report.fault("paging " + way + ", somebody found " + std::to_string(found) + " of " +
                 std::to_string(options.messages_each) + " messages");
}

}  // namespace

Exit run_archive(const CommonOptions& common, const ArchiveOptions& options) {
  Run run(common, "archive");
  if (!run.prepare(options.senders + options.readers)) return Exit::unavailable;
  if (options.readers < options.senders) {
    run.complain("--readers must not be fewer than --senders");
    return Exit::usage;
  }
  Report& report = run.report();
  report.setting("readers", options.readers);
  report.setting("messages_each", options.messages_each);
  report.setting("page", options.page);
  report.setting("slices", options.slices);
  const auto readers = run.log_in(options.readers, {.stream_management = false});
  if (!readers) return Exit::unavailable;
  Filled filled;
  if (fill(run, *readers, options, filled)) {
    Meter meter = run.meter();
    meter.start();
    for (const bool by_date : {false, true}) page(run, *readers, options, filled, by_date);
    meter.stop();
    meter.report(report, 0, "");
  } else if (report.good()) {
    return Exit::unavailable;
  }
  const Exit exit = run.finish();
  readers->close_all();
  return exit;
}

}  // namespace iris::load
