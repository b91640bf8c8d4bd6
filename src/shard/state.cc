#include "shard/state.h"

#include <algorithm>

namespace iris::shard {

const State::Rows* State::kind(std::string_view name) const {
  for (const Kind& kind : kinds_)
    if (kind.name == name) return &kind.rows;
  return nullptr;
}

State::Rows& State::make_kind(std::string_view name) {
  const auto at =
      std::ranges::lower_bound(kinds_, name, {}, [](const Kind& kind) { return std::string_view(kind.name); });
  if (at != kinds_.end() && at->name == name) return at->rows;
  return kinds_.insert(at, Kind{std::string(name), {}})->rows;
}

const std::string* State::find(std::string_view key) const {
  const auto [name, rest] = split(key);
  const Rows* const rows = kind(name);
  if (rows == nullptr) return nullptr;
  const auto it = rows->find(rest);
  return it == rows->end() ? nullptr : &it->second;
}

void State::put(std::string key, std::string value) {
  const auto [name, rest] = split(key);
  Rows& rows = make_kind(name);
  const auto it = rows.lower_bound(rest);
  if (it != rows.end() && it->first == rest)
    it->second = value;
  else
    rows.emplace_hint(it, rest, value);
  changes_[std::move(key)] = {std::move(value), stamp_};
}

void State::erase(std::string_view key) {
  const auto [name, rest] = split(key);
  const auto kind = std::ranges::find(kinds_, name, &Kind::name);
  if (kind == kinds_.end()) return;
  const auto it = kind->rows.find(rest);
  if (it == kind->rows.end()) return;
  changes_.insert_or_assign(std::string(key), Change{std::nullopt, stamp_});
  kind->rows.erase(it);
  if (kind->rows.empty()) kinds_.erase(kind);
}

std::vector<std::string> State::keys() const {
  std::vector<std::string> out;
  for (const Kind& kind : kinds_)
    for (const auto& [rest, value] : kind.rows) out.push_back(kind.name + rest);
  return out;
}

void State::load(std::string_view key, std::string value) {
  const auto [name, rest] = split(key);
  make_kind(name).emplace(rest, std::move(value));
}

std::size_t State::size() const {
  std::size_t out = 0;
  for (const Kind& kind : kinds_) out += kind.rows.size();
  return out;
}

}  // namespace iris::shard
