#include "shard/session_rows.h"

#include <algorithm>
#include <vector>

#include "record/keys.h"

namespace iris::shard {
namespace {

constexpr std::string_view kSessions = "session/";
constexpr std::string_view kChains = "chain/";
constexpr std::uint64_t kDay = 24ull * 3600 * 1000 * 1000;

std::string key_of(std::string_view kind, const record::SessionRef& ref) {
  return std::string(kind) + record::big_endian(ref.incarnation()) + record::big_endian(ref.loop()) +
         record::big_endian(ref.number());
}

struct ChainRow {
  std::uint32_t epoch;
  std::uint64_t last_number;
};

std::optional<ChainRow> find_chain(const State& state, std::string_view key) {
  const auto* bytes = state.find(key);
  if (bytes == nullptr) return std::nullopt;
  const std::string_view row(*bytes);
  IRIS_CHECK(row.size() == 12);
  return ChainRow{static_cast<std::uint32_t>(record::from_big_endian(row.substr(0, 4))),
                  record::from_big_endian(row.substr(4))};
}

// Takes in what its stanzas have moved.
void put(State& state, record::SessionRow row) {
  const auto key = key_of(kChains, row.session());
  if (const auto chain = find_chain(state, key)) {
    row.set_last_number(chain->last_number);
    state.erase(key);
  }
  state.put(session_key(row.session()), row.SerializeAsString());
}

std::optional<record::SessionRow> parse(std::string_view bytes) {
  record::SessionRow row;
  // Rows are our own; one that does not parse is a torn store, not a stranger's input.
  IRIS_CHECK(row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return row;
}

// What is pending for a resource and not acked is routed again as to the bare JID: emitted to this entity's own
// partition, so that each gets a stamp of its own (rule C4). Sorted by stamp.
void route_pending_again(Apply& apply, std::string_view resource, std::uint64_t acked) {
  auto prefix = pending_prefix(resource);
  std::vector<std::string> keys;
  apply.state().each(prefix, [&](std::string_view rest, const std::string& value) {
    keys.push_back(prefix + std::string(rest));
    if (record::from_big_endian(rest) <= acked) return true;
    record::Inbound again;
    IRIS_CHECK(again.ParseFromString(value));
    again.set_original_stamp(record::from_big_endian(rest));
    apply.emit(std::string(apply.entity()), std::move(again));
    return true;
  });
  for (const auto& key : keys) apply.state().erase(key);
}

void end(Apply& apply, record::SessionRow row, std::uint64_t acked, const std::string& status) {
  if (row.ended() != 0) return;
  row.set_ended(apply.stamp().value);
  row.set_status(status);
  put(apply.state(), row);
  route_pending_again(apply, row.resource(), acked);
}

void forget_old_sessions(Apply& apply) {
  std::vector<std::pair<std::uint64_t, std::string>> ended;
  apply.state().each(kSessions, [&](std::string_view rest, const std::string& value) {
    if (auto row = parse(value); row->ended() != 0)
      ended.emplace_back(row->ended(), std::string(kSessions) + std::string(rest));
    return true;
  });
  std::sort(ended.begin(), ended.end());
  auto keep = apply.options().session_rows_max;
  auto age = apply.options().session_rows_days * kDay;
  for (std::size_t i = 0; i < ended.size(); ++i)
    if (ended.size() - i > keep || ended[i].first + age < apply.stamp().value) {
      apply.state().erase(ended[i].second);
      apply.state().erase(std::string(kChains) + ended[i].second.substr(kSessions.size()));
    }
}

bus::Address address(const record::Address& from) { return {from.node(), from.loop()}; }

}  // namespace

std::string session_key(const record::SessionRef& ref) { return key_of(kSessions, ref); }

std::string pending_prefix(std::string_view resource) { return "pending/" + std::string(resource) + '\0'; }

std::optional<record::SessionRow> find_session(const State& state, const record::SessionRef& ref) {
  const auto* bytes = state.find(session_key(ref));
  if (bytes == nullptr) return std::nullopt;
  auto row = parse(*bytes);
  if (const auto chain = find_chain(state, key_of(kChains, ref))) row->set_last_number(chain->last_number);
  return row;
}

// The newest first: those before it have mostly ended, and are kept for a while.
bool has_live_session(const State& state) {
  bool found = false;
  state.each_from_last(kSessions, [&](std::string_view, const std::string& value) {
    found = parse(value)->ended() == 0;
    return !found;
  });
  return found;
}

bool is_full_of_sessions(const State& state, const Options& options) {
  std::size_t live = 0;
  each_session(state, [&](const record::SessionRow& row) { live += row.ended() == 0 ? 1 : 0; });
  return live >= options.sessions_max;
}

std::optional<record::SessionRow> live_resource(const State& state, std::string_view resource) {
  std::optional<record::SessionRow> found;
  state.each_from_last(kSessions, [&](std::string_view, const std::string& value) {
    auto row = parse(value);
    if (row->ended() != 0 || row->resource() != resource) return true;
    found = std::move(row);
    return false;
  });
  return found;
}

void each_session(const State& state, const std::function<void(const record::SessionRow&)>& visit) {
  state.each(kSessions, [&](std::string_view, const std::string& value) {
    visit(*parse(value));
    return true;
  });
}

void apply_session_start(Apply& apply, const record::SessionStart& start) {
  if (find_session(apply.state(), start.session())) return;
  if (auto older = live_resource(apply.state(), start.resource())) {
    record::BusMessage message;
    *message.mutable_session() = older->session();
    message.mutable_end_session()->set_condition("conflict");
    apply.notify(address(older->edge()), std::move(message));
    end(apply, *std::move(older), 0, {});
  }
  if (is_full_of_sessions(apply.state(), apply.options())) return;
  forget_old_sessions(apply);
  record::SessionRow row;
  *row.mutable_session() = start.session();
  row.set_resource(start.resource());
  row.set_epoch(start.epoch());
  row.set_started(apply.stamp().value);
  *row.mutable_edge() = start.edge();
  put(apply.state(), row);
}

void apply_session_resume(Apply& apply, const record::SessionResume& resume) {
  auto row = find_session(apply.state(), resume.session());
  record::BusMessage message;
  *message.mutable_session() = resume.session();
  auto* info = message.mutable_session_info();
  info->set_epoch(resume.epoch());
  if (row && row->ended() == 0 && resume.epoch() > row->epoch()) {
    row->set_epoch(resume.epoch());
    *row->mutable_edge() = resume.edge();
    put(apply.state(), *row);
    info->set_known(true);
  }
  if (row) info->set_last_number(row->last_number());
  apply.notify(address(resume.edge()), std::move(message));
}

void apply_session_end(Apply& apply, const record::SessionEnd& record) {
  auto row = find_session(apply.state(), record.session());
  if (record.has_reply_to()) {
    record::BusMessage message;
    *message.mutable_session() = record.session();
    auto* info = message.mutable_session_info();
    info->set_request(record.request());
    info->set_known(row.has_value());
    if (row) {
      info->set_last_number(row->last_number());
      // The number is told to the client now: what the old edge may still have on its way must not be taken after it.
      row->set_epoch(row->epoch() + 1);
      put(apply.state(), *row);
    }
    apply.notify(address(record.reply_to()), std::move(message));
  }
  if (row) end(apply, *std::move(row), record.direct_acked(), record.status());
}

void apply_session_acked(Apply& apply, const record::SessionAcked& acked) {
  auto row = find_session(apply.state(), acked.session());
  if (!row || row->ended() != 0) return;
  auto prefix = pending_prefix(row->resource());
  std::vector<std::string> keys;
  apply.state().each(prefix, [&](std::string_view rest, const std::string&) {
    if (record::from_big_endian(rest) > acked.direct_acked()) return false;
    keys.push_back(prefix + std::string(rest));
    return true;
  });
  for (const auto& key : keys) apply.state().erase(key);
}

ChainCheck advance_chain(Apply& apply, const record::Submit& submit) {
  auto key = key_of(kChains, submit.session());
  auto chain = find_chain(apply.state(), key);
  if (!chain) {
    const auto row = find_session(apply.state(), submit.session());
    if (!row) return ChainCheck::unknown;
    chain = ChainRow{row->epoch(), row->last_number()};
  }
  // An ended session's records are still taken: its edge may have acknowledged them before it heard of the end.
  if (submit.epoch() != chain->epoch || submit.previous() != chain->last_number ||
      submit.number() <= chain->last_number)
    return ChainCheck::behind;
  apply.state().put(std::move(key), record::big_endian(chain->epoch) + record::big_endian(submit.number()));
  return ChainCheck::accepted;
}

}  // namespace iris::shard
