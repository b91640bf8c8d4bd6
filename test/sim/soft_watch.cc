#include "soft_watch.h"

#include <algorithm>

namespace iris::sim {

void SoftWatch::arrived(const std::string& id, const std::string& sender, const std::string& place, bool active) {
  known_.insert(id);
  if (!active) replaced(sender, place);
  waiting_[sender].push_back({++count_, id, place, active});
}

void SoftWatch::replaced(const std::string& sender, const std::string& place) {
  auto it = waiting_.find(sender);
  if (it == waiting_.end()) return;
  std::erase_if(it->second, [&](const Item& item) { return !item.active && item.place == place; });
  if (it->second.empty()) waiting_.erase(it);
}

void SoftWatch::let_go() {
  for (auto& [sender, items] : waiting_)
    for (auto& item : items) item.active = true;
}

void SoftWatch::dropped(const std::string& id) {
  for (auto& [sender, items] : waiting_)
    if (!items.empty() && items.back().id == id) items.pop_back();
  std::erase_if(waiting_, [](const auto& one) { return one.second.empty(); });
}

void SoftWatch::offered(const std::string& id) {
  auto& taken = messages_[id];
  if (!taken.sure) taken.at = ++count_;
}

void SoftWatch::took(const std::string& id, bool yes) {
  auto& taken = messages_[id];
  taken.sure = taken.sure || yes;
  if (!taken.sure) messages_.erase(id);
}

bool SoftWatch::waits(const std::string& id) const {
  return std::any_of(waiting_.begin(), waiting_.end(), [&](const auto& one) { return one.second.back().id == id; });
}

std::string SoftWatch::wrote(const std::string& id, const std::string& sender) {
  if (!known_.contains(id)) return "came and was never sent";
  auto it = waiting_.find(sender);
  if (it == waiting_.end()) return {};
  auto& items = it->second;
  const auto at = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.id == id; });
  if (at == items.end()) return {};
  const auto wrong = at == items.begin() ? std::string() : "has overtaken " + items.front().id;
  items.erase(items.begin(), at + 1);
  if (items.empty()) waiting_.erase(it);
  return wrong;
}

std::string SoftWatch::wrote_message(const std::string& id, const std::string& sender) const {
  const auto taken = messages_.find(id);
  const auto it = waiting_.find(sender);
  if (taken == messages_.end() || it == waiting_.end() || it->second.front().at > taken->second.at) return {};
  return "has overtaken " + it->second.front().id;
}

}  // namespace iris::sim
