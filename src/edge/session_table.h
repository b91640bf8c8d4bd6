// The sessions of one loop, by number, and those that ended a short while ago. Lives on its loop.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>

#include "edge/session.h"

namespace iris::edge {

class SessionTable {
 public:
  // `loop`: its number, as in SessionIds and Bus addresses.
  SessionTable(SessionContext context, std::uint32_t loop);

  // A new session for a full JID, not yet started. Null: there are sessions_max.
  std::shared_ptr<Session> create(xmpp::Jid jid);
  // Null: none of this loop and incarnation, or over.
  std::shared_ptr<Session> find(const base::SessionId& id) const;
  // A message with `session` set. One that is gone says goodbye again: its Unregister may have been lost.
  void on_bus(record::BusMessage&& message);

  std::size_t size() const { return sessions_.size(); }
  template <typename Visit>
  void each(Visit&& visit) {
    auto copy = sessions_;  // a visit may end sessions
    for (auto& [number, session] : copy) visit(*session);
  }
  // In the order of numbers, from this one on, until the visit says false.
  template <typename Visit>
  void each_from(std::uint64_t number, Visit&& visit) const {
    for (auto it = sessions_.lower_bound(number); it != sessions_.end(); ++it)
      if (!visit(*it->second)) return;
  }

 private:
  void ended(Session& session);

  const SessionContext context_;
  const std::uint32_t loop_;
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, std::shared_ptr<Session>> sessions_;
  std::unordered_map<std::uint64_t, record::BusMessage> farewells_;  // bounded by ended_max
  std::deque<std::uint64_t> farewell_order_;
};

}  // namespace iris::edge
