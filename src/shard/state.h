// All that apply reads of one entity: ordered rows, loaded by one query (rule S5). Changes are collected from record to
// record and written in one batch with the applied stamp. Key order is byte order, so iteration is deterministic (rule
// S3).
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/ids.h"

namespace iris::shard {

// Rows whose keys begin alike, up to and with a '/', are kept together: some kinds (what was said of late, a roster)
// have thousands of rows, and those that each message looks for must not be searched for among them.
class State {
 public:
  using Rows = std::map<std::string, std::string, std::less<>>;
  struct Change {
    std::optional<std::string> value;  // none: the row is gone
    base::Stamp stamp;                 // of the record that did it
  };
  using Changes = std::map<std::string, Change, std::less<>>;

  // What is changed from here on, the record at this stamp has changed.
  void begin(base::Stamp stamp) { stamp_ = stamp; }
  const std::string* find(std::string_view key) const;
  void put(std::string key, std::string value);
  void erase(std::string_view key);

  // visit(key without prefix, value) in key order, until it returns false. Must not change the state. The prefix names
  // a kind: it has a '/'.
  template <typename Visit>
  void each(std::string_view prefix, Visit&& visit) const {
    const auto [name, rest] = split(prefix);
    IRIS_CHECK(!name.empty());
    const Rows* const rows = kind(name);
    if (rows == nullptr) return;
    for (auto it = rows->lower_bound(rest); it != rows->end() && it->first.starts_with(rest); ++it)
      if (!visit(std::string_view(it->first).substr(rest.size()), it->second)) return;
  }

  // The same from the last to the first, of a whole kind.
  template <typename Visit>
  void each_from_last(std::string_view kind_name, Visit&& visit) const {
    const Rows* const rows = kind(kind_name);
    if (rows == nullptr) return;
    for (auto it = rows->rbegin(); it != rows->rend(); ++it)
      if (!visit(std::string_view(it->first), it->second)) return;
  }

  std::size_t count(std::string_view kind_name) const {  // rows of a kind, named with its '/'
    const Rows* const rows = kind(kind_name);
    return rows == nullptr ? 0 : rows->size();
  }
  std::vector<std::string> keys() const;
  void load(std::string_view key, std::string value);
  const Changes& changes() const { return changes_; }
  Changes take_changes() { return std::exchange(changes_, {}); }
  bool empty() const { return kinds_.empty(); }
  std::size_t size() const;

 private:
  struct Kind {
    std::string name;  // with its '/'; empty: of the keys that have none
    Rows rows;         // by the rest of the key; never empty
  };
  static std::pair<std::string_view, std::string_view> split(std::string_view key) {
    const auto slash = key.find('/') + 1;  // 0: none
    return {key.substr(0, slash), key.substr(slash)};
  }
  const Rows* kind(std::string_view name) const;
  Rows& make_kind(std::string_view name);

  std::vector<Kind> kinds_;  // few, by name
  Changes changes_;          // since they were taken
  base::Stamp stamp_;
};

}  // namespace iris::shard
