#include "edge/session_table.h"

#include <utility>

#include "edge/options.h"
#include "record/partition.h"

namespace iris::edge {

SessionTable::SessionTable(SessionContext context, std::uint32_t loop) : context_(context), loop_(loop) {
  // Rule O1: a new owner must hear of the sessions again.
  context_.owners.listen([this](base::PartitionId partition) {
    each([partition](Session& session) { session.owner_changed(partition); });
  });
}

std::shared_ptr<Session> SessionTable::create(xmpp::Jid jid) {
  if (sessions_.size() >= context_.options.sessions_max) return nullptr;
  const std::uint64_t number = next_number_++;
  auto session =
      std::make_shared<Session>(context_, base::SessionId{context_.options.incarnation, loop_, number}, std::move(jid));
  session->on_ended([this](Session& over) { ended(over); });
  sessions_.emplace(number, session);
  return session;
}

std::shared_ptr<Session> SessionTable::find(const base::SessionId& id) const {
  if (id.incarnation != context_.options.incarnation || id.loop != loop_) return nullptr;
  auto it = sessions_.find(id.number);
  return it == sessions_.end() || it->second->is_over() ? nullptr : it->second;
}

void SessionTable::on_bus(record::BusMessage&& message) {
  const auto& ref = message.session();
  if (ref.incarnation() != context_.options.incarnation || ref.loop() != loop_) return;  // of an earlier process
  if (auto it = sessions_.find(ref.number()); it != sessions_.end()) {
    auto session = it->second;
    return session->on_bus(std::move(message));
  }
  if (!message.has_deliver() && !message.has_registered()) return;
  auto farewell = farewells_.find(ref.number());
  if (farewell == farewells_.end()) return;
  const auto& owner = context_.owners.of(record::partition_of(farewell->second.entity(), context_.log.partitions()));
  if (owner) context_.bus.send(owner->address, farewell->second);
}

void SessionTable::ended(Session& session) {
  const std::uint64_t number = session.id().number;
  farewells_.emplace(number, session.farewell("gone"));
  farewell_order_.push_back(number);
  if (farewell_order_.size() > context_.options.ended_max) {
    farewells_.erase(farewell_order_.front());
    farewell_order_.pop_front();
  }
  sessions_.erase(number);  // whoever calls holds it
}

}  // namespace iris::edge
