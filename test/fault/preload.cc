// preload DIR PARTITIONS ACCOUNT MESSAGES: puts MESSAGES one-to-one messages into the archive of ACCOUNT (a bare JID),
// in steps as a shard would. DIR is the data folder of a server that does not run. Their stamps are a microsecond apart
// from now on: an archive begins with its account's creation.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <string>

#include "io/loop_pool.h"
#include "io/system_clock.h"
#include "record/keys.h"
#include "record/record.pb.h"
#include "store/rocks_committer.h"

namespace {

using namespace iris;

constexpr std::uint64_t kStepRows = 1000;

store::Step step(const std::string& account, base::WallTime begin, std::uint64_t first, std::uint64_t end) {
  store::Step out;
  for (std::uint64_t n = first; n < end; ++n) {
    const base::Stamp stamp{static_cast<std::uint64_t>(begin.time_since_epoch().count()) + n};
    record::ArchiveRow row;
    auto& stanza = *row.mutable_stanza();
    stanza.set_kind(record::MESSAGE);
    stanza.set_type("chat");
    stanza.set_id("preload-" + std::to_string(n));
    stanza.set_from("sender" + std::to_string(n % 100) + "@localhost/preload");
    stanza.set_to(account);
    stanza.set_inner("<body>Message " + std::to_string(n) +
                     " of many, with about as much text in it as people write to each other when they chat.</body>");
    row.set_visible(true);
    out.rows.push_back({store::Table::archive, account, record::key_of(stamp), row.SerializeAsString(), stamp});
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: preload DIR PARTITIONS ACCOUNT MESSAGES\n");
    return 2;
  }
  rocks::EngineOptions options;
  options.directory = argv[1];
  options.partitions = static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10));
  const std::string account = argv[3];
  const base::WallTime begin = io::system_clock().wall();
  const std::uint64_t messages = std::strtoull(argv[4], nullptr, 10);
  io::LoopPool pool(1, "preload");
  auto engine = rocks::Engine::open(options);
  if (!engine.ok()) {
    std::fprintf(stderr, "preload: %s\n", engine.error().message.c_str());
    return 1;
  }
  {
    store::RocksCommitter committer(**engine, pool.at(0));
    std::promise<void> finished;
    std::function<void(std::uint64_t)> next = [&](std::uint64_t first) {
      if (first >= messages) return finished.set_value();
      const std::uint64_t end = std::min(messages, first + kStepRows);
      committer.commit(step(account, begin, first, end), nullptr, [&, end] { next(end); });
    };
    pool.at(0).post([&] { next(0); });
    pool.start();
    finished.get_future().wait();
    pool.stop();
    engine->reset();
  }
  return 0;
}
