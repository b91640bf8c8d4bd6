#include "app/status_command.h"

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/version.h"
#include "base/metrics.h"
#include "xmpp/datetime.h"

namespace iris::app {
namespace {

using Json = nlohmann::ordered_json;
using Reply = admin::AdminSocket::Reply;

// Has every place count afresh; `done` runs on `loop`.
void count_all(std::vector<std::unique_ptr<Place>>& places, io::Loop& loop, base::Callback<void()> done) {
  auto left = std::make_shared<std::size_t>(places.size());
  auto finish = std::make_shared<base::Callback<void()>>(std::move(done));
  for (auto& place : places)
    place->loop().post([place = place.get(), &loop, left, finish] {
      place->count();
      loop.post([left, finish] {
        if (--*left == 0) (*finish)();
      });
    });
}

std::uint64_t resident_bytes() {
  std::uint64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Blocks. Files come and go meanwhile.
std::uint64_t bytes_below(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (auto it = std::filesystem::recursive_directory_iterator(folder, error);
       !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    std::error_code gone;
    const auto size = it->is_regular_file(gone) ? it->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

// What waits somewhere, by the names of the metrics; a label's value is one more word of the name.
Json queues() {
  Json out = Json::object();
  for (const auto& metric : base::collect_metrics()) {
    if (metric.type != base::MetricType::gauge || metric.name.find("_queue_") == std::string::npos) continue;
    std::string name = metric.name;
    if (name.starts_with("iris_")) name.erase(0, 5);
    for (const auto& series : metric.series) {
      std::string label;
      for (const auto& [key, value] : series.labels) label += "_" + value;
      out[name + label] = static_cast<std::int64_t>(series.value);
    }
  }
  return out;
}

Json counts(const AdminWorld& world) {
  std::size_t partitions = 0, owned = 0, stopped = 0, entities = 0, lag = 0, behind = 0, most = 0, sessions = 0,
              streams = 0;
  for (const auto& place : world.places) {
    const PlaceCounts& counts = place->counts();
    partitions += counts.partitions, owned += counts.owned, stopped += counts.stopped;
    entities += counts.entities, lag += counts.open_records;
    behind += counts.behind, most = std::max(most, counts.lag_max.load());
    sessions += counts.sessions, streams += counts.streams;
  }
  return {{"partitions", partitions},    {"partitions_owned", owned}, {"partitions_stopped", stopped},
          {"partitions_behind", behind}, {"lag_records", lag},        {"lag_records_of_worst", most},
          {"accounts_loaded", entities}, {"connections", streams},    {"sessions", sessions}};
}

std::string status(const AdminWorld& world, base::SteadyTime started, std::uint64_t disk_bytes) {
  io::Clock& clock = world.places[0]->loop().clock();
  const base::WallTime ends = world.tls.not_after();
  Json out{{"version", kVersion},
           {"ready", world.ready.load()},
           {"domain", world.config.domain},
           {"node", world.config.node},
           {"pid", ::getpid()},
           {"uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(clock.steady() - started).count()},
           {"loops", world.places.size()}};
  out.update(counts(world));
  out["memory_bytes"] = resident_bytes();
  out["store_bytes"] = disk_bytes;
  out["certificate_not_after"] = xmpp::format_datetime(ends);
  out["certificate_days_left"] = std::chrono::duration_cast<std::chrono::days>(ends - clock.wall()).count();
  out["queues"] = queues();
  return out.dump();
}

}  // namespace

void add_status_command(admin::AdminSocket& socket, const AdminWorld& world) {
  io::Loop& loop = world.places[0]->loop();
  socket.add_command("status", [world, &loop, started = loop.clock().steady()](const std::string&, Reply reply) {
    auto shared = std::make_shared<Reply>(std::move(reply));
    const bool taken = world.worker.try_post([world, &loop, started, shared] {
      const std::uint64_t disk = bytes_below(world.config.data);
      loop.post([world, &loop, started, shared, disk] {
        count_all(world.places, loop, [world, started, shared, disk] { (*shared)(status(world, started, disk)); });
      });
    });
    if (!taken) (*shared)(base::Error{base::Errc::overloaded, "too much waits for the worker threads; try again"});
  });
}

}  // namespace iris::app
