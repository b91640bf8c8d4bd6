#include "shard/offline.h"

#include <algorithm>

#include "base/check.h"
#include "shard/session_rows.h"

namespace iris::shard {
namespace {

constexpr std::string_view kKey = "offline";
constexpr std::size_t kRuns = 16;  // that a full inbox is divided into

record::OfflineRow read(const State& state) {
  record::OfflineRow row;
  if (const auto* bytes = state.find(kKey)) IRIS_CHECK(row.ParseFromString(*bytes));
  return row;
}

std::size_t run_max(const Options& options) { return std::max<std::size_t>(1, options.offline_messages_max / kRuns); }

}  // namespace

std::size_t offline_count(const State& state) {
  std::size_t count = 0;
  const auto row = read(state);
  for (const auto& run : row.runs()) count += run.count();
  return count;
}

bool is_offline_full(const Apply& apply) {
  return offline_count(apply.state()) >= apply.options().offline_messages_max && !has_live_session(apply.state());
}

void count_offline(Apply& apply) {
  if (has_live_session(apply.state())) return;
  auto row = read(apply.state());
  if (row.runs().empty() || row.runs().rbegin()->count() >= run_max(apply.options())) row.add_runs();
  auto& run = *row.mutable_runs()->rbegin();
  run.set_last(apply.stamp().value);
  run.set_count(run.count() + 1);
  apply.state().put(std::string(kKey), row.SerializeAsString());
}

void apply_offline_read(Apply& apply, const record::OfflineRead& read_up_to) {
  auto row = read(apply.state());
  int gone = 0;
  while (gone < row.runs_size() && row.runs(gone).last() <= read_up_to.acked()) ++gone;
  if (gone == 0) return;
  row.mutable_runs()->DeleteSubrange(0, gone);
  if (row.runs().empty()) return apply.state().erase(kKey);
  apply.state().put(std::string(kKey), row.SerializeAsString());
}

bool is_offline_read(const State& state, base::Stamp acked) {
  const auto row = read(state);
  return !row.runs().empty() && row.runs(0).last() <= acked.value;
}

}  // namespace iris::shard
