// All that apply reads of one entity: ordered rows, loaded by one query (rule S5). Changes are collected per record and
// written in one batch with the applied stamp. Key order is byte order, so iteration is deterministic (rule S3).
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace iris::shard {

class State {
 public:
  using Rows = std::map<std::string, std::string, std::less<>>;
  using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;

  const std::string* find(std::string_view key) const {
    auto it = rows_.find(key);
    return it == rows_.end() ? nullptr : &it->second;
  }

  void put(std::string key, std::string value) {
    changes_[key] = value;
    rows_[std::move(key)] = std::move(value);
  }

  void erase(std::string_view key) {
    auto it = rows_.find(key);
    if (it == rows_.end()) return;
    changes_[it->first] = std::nullopt;
    rows_.erase(it);
  }

  // visit(key without prefix, value) in key order, until it returns false. Must not change the state.
  template <typename Visit>
  void each(std::string_view prefix, Visit&& visit) const {
    for (auto it = rows_.lower_bound(prefix); it != rows_.end() && it->first.starts_with(prefix); ++it)
      if (!visit(std::string_view(it->first).substr(prefix.size()), it->second)) return;
  }

  void load(std::string key, std::string value) { rows_.emplace(std::move(key), std::move(value)); }
  Changes take_changes() { return std::exchange(changes_, {}); }
  bool empty() const { return rows_.empty(); }
  const std::string& last_key() const { return rows_.rbegin()->first; }  // of a state that is not empty
  std::size_t size() const { return rows_.size(); }

 private:
  Rows rows_;
  Changes changes_;
};

}  // namespace iris::shard
