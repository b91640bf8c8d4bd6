#include "store/sim_store.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace iris::store {
namespace {

using base::Errc;
using base::Error;
using log::CrashPoint;

Error simulated(Errc code) { return {code, "simulated"}; }

template <typename Iterator>
Page page_of(Iterator row, Iterator end, std::size_t rows_max) {
  Page page;
  for (; row != end; ++row) {
    if (!row->second.value) continue;
    if (page.rows.size() == rows_max) {
      page.more = true;
      break;
    }
    page.rows.push_back({row->first, *row->second.value, row->second.stamp});
  }
  return page;
}

Page page_of(const SimStore::Rows& rows, const Range& range) {
  const auto begin = rows.lower_bound(range.from);
  const auto end = range.to ? rows.lower_bound(*range.to) : rows.end();
  if (range.to && *range.to <= range.from) return {};
  if (!range.reverse) return page_of(begin, end, range.rows_max);
  return page_of(std::make_reverse_iterator(end), std::make_reverse_iterator(begin), range.rows_max);
}

}  // namespace

struct SimStore::Asked {
  std::vector<std::vector<Write>> shares;  // by partition key
  io::SimLoop* loop;
  Callback<void(Status)> done;
  Fate fate = Fate::done;
  bool checkpoint = false;
  std::size_t landed = 0;
};

SimStore::SimStore(io::SimWorld& world, SimStoreOptions options, log::SimFaults* faults)
    : world_(world), options_(options), faults_(faults), self_(world.add_loop("store")) {
  IRIS_CHECK(options.write_min <= options.write_max);
}

base::Duration SimStore::up_to(base::Duration max) {
  return base::Duration(world_.random().below(static_cast<std::uint64_t>(max.count()) + 1));
}

void SimStore::at(CrashPoint point, io::Loop& loop) {
  if (faults_ != nullptr) faults_->at(point, loop);
}

SimStore::Fate SimStore::fate() {
  auto& random = world_.random();
  if (options_.down || random.chance(options_.write_unavailable)) return Fate::unavailable;
  if (random.chance(options_.write_unknown_kept)) return Fate::unknown_kept;
  if (random.chance(options_.write_unknown_parts)) return Fate::unknown_parts;
  if (random.chance(options_.write_late)) return Fate::late;
  return Fate::done;
}

void SimStore::write(std::vector<Write> writes, io::Loop& loop, Callback<void(Status)> done) {
  io::SimLoop& node = log::sim_loop(loop);
  if (!node.alive()) return;
  auto asked = std::make_shared<Asked>();
  asked->loop = &node;
  asked->done = std::move(done);
  asked->fate = fate();
  std::map<std::pair<Table, std::string>, std::size_t> places;
  for (Write& write : writes) {
    asked->checkpoint |= write.table == Table::checkpoint;
    const auto [place, fresh] = places.try_emplace({write.table, write.partition_key}, asked->shares.size());
    if (fresh) asked->shares.emplace_back();
    asked->shares[place->second].push_back(std::move(write));
  }
  if (asked->shares.empty()) asked->shares.emplace_back();
  for (std::size_t share = 0; share < asked->shares.size(); ++share) {
    base::Duration delay = options_.write_min + up_to(options_.write_max - options_.write_min);
    if (asked->fate == Fate::late) delay += up_to(options_.late_max);
    self_.after(delay, [this, asked, share] { land(asked, share); });
  }
  if (asked->fate == Fate::late) {
    node.post([asked] { asked->done(simulated(Errc::unknown_outcome)); });
  }
  if (asked->checkpoint) at(CrashPoint::state_before_checkpoint, loop);
}

void SimStore::land(const std::shared_ptr<Asked>& asked, std::size_t share) {
  const bool dead = !asked->loop->alive();
  bool lands = asked->fate != Fate::unavailable;
  if (asked->fate == Fate::unknown_parts) lands = world_.random().chance(0.5);
  if (dead && asked->fate != Fate::late) lands = lands && world_.random().chance(options_.crash_keeps);
  if (lands) {
    for (const Write& write : asked->shares[share]) apply(write);
  }
  ++asked->landed;
  if (dead || asked->fate == Fate::late) return;
  if (asked->landed < asked->shares.size()) return at(CrashPoint::write_partial, *asked->loop);
  if (asked->checkpoint && lands) at(CrashPoint::checkpoint_written, *asked->loop);
  asked->loop->post([asked] {
    switch (asked->fate) {
      case Fate::done: return asked->done(base::ok());
      case Fate::unavailable: return asked->done(simulated(Errc::unavailable));
      default: return asked->done(simulated(Errc::unknown_outcome));
    }
  });
}

// The rule of store.h: a lower stamp changes nothing; at equal stamps a deletion wins, else the later write.
void SimStore::apply(const Write& write) {
  Rows& rows = tables_[static_cast<std::size_t>(write.table)][write.partition_key];
  if (write.until) return apply_range(rows, write);
  if (write.table == Table::archive)
    for (const Gone& gone : gone_[write.partition_key])
      if (write.clustering >= gone.from && write.clustering < gone.until && write.stamp <= gone.stamp) return;
  const auto found = rows.find(write.clustering);
  if (found == rows.end()) {
    rows.emplace(write.clustering, Cell{write.value, write.stamp});
    return;
  }
  Cell& cell = found->second;
  if (write.stamp < cell.stamp || (write.stamp == cell.stamp && !cell.value)) return;
  cell = {write.value, write.stamp};
}

void SimStore::apply_range(Rows& rows, const Write& write) {
  IRIS_CHECK(write.table == Table::archive && !write.value);
  gone_[write.partition_key].push_back({write.clustering, *write.until, write.stamp});
  std::erase_if(rows, [&](const auto& row) {
    return row.first >= write.clustering && row.first < *write.until && row.second.stamp <= write.stamp;
  });
}

template <typename T>
void SimStore::answer_read(io::Loop& loop, Callback<void(Result<T>)> done, Callback<T()> look) {
  io::SimLoop& node = log::sim_loop(loop);
  if (!node.alive()) return;
  self_.after(up_to(options_.read_max), [this, &node, done = std::move(done), look = std::move(look)]() mutable {
    const bool fails = options_.down || world_.random().chance(options_.read_unavailable);
    Result<T> result = fails ? Result<T>(simulated(Errc::unavailable)) : Result<T>(look());
    node.post([done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
  });
}

void SimStore::read(Table table, std::string partition_key, std::string clustering, io::Loop& loop,
                    Callback<void(Result<std::optional<Row>>)> done) {
  answer_read<std::optional<Row>>(loop, std::move(done), [=, this]() -> std::optional<Row> {
    const auto& rows_by_key = this->table(table);
    const auto rows = rows_by_key.find(partition_key);
    if (rows == rows_by_key.end()) return std::nullopt;
    const auto row = rows->second.find(clustering);
    if (row == rows->second.end() || !row->second.value) return std::nullopt;
    return Row{row->first, *row->second.value, row->second.stamp};
  });
}

void SimStore::scan(Table table, std::string partition_key, Range range, io::Loop& loop,
                    Callback<void(Result<Page>)> done) {
  answer_read<Page>(loop, std::move(done), [=, this] {
    const auto& rows_by_key = this->table(table);
    const auto rows = rows_by_key.find(partition_key);
    return rows == rows_by_key.end() ? Page{} : page_of(rows->second, range);
  });
}

void SimStore::keys(Table table, std::string after, std::size_t keys_max, io::Loop& loop,
                    Callback<void(Result<std::vector<std::string>>)> done) {
  answer_read<std::vector<std::string>>(loop, std::move(done), [=, this] {
    std::vector<std::string> out;
    const auto& rows_by_key = this->table(table);
    for (auto rows = rows_by_key.upper_bound(after); rows != rows_by_key.end() && out.size() < keys_max; ++rows) {
      const bool lives = std::any_of(rows->second.begin(), rows->second.end(),
                                     [](const auto& row) { return row.second.value.has_value(); });
      if (lives) out.push_back(rows->first);
    }
    return out;
  });
}

}  // namespace iris::store
