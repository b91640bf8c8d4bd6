#include "blocks.h"

namespace iris::sim {
namespace {

std::string bare_of(const std::string& jid) { return jid.substr(0, jid.find('/')); }

}  // namespace

Blocks::Blocks(const store::SimStore& store, const std::deque<Command>& commands, Findings& findings) {
  for (const auto& [account, rows] : store.table(store::Table::archive))
    for (const auto& [key, cell] : rows) {
      record::ArchiveRow row;
      if (cell.value && row.ParseFromString(*cell.value)) read(account, row, findings);
    }
  for (const auto& command : commands) {
    if (!command.marked) continue;
    const auto times = carried_out_[command.mark];
    const bool due = (command.acked || command.answered) && !command.refused;
    if (times > 1 || (due && times == 0) || (command.refused && times > 0))
      findings.add("a command of the blocking list was carried out " + std::to_string(times) +
                   " times: " + command.mark + (command.refused ? ", refused" : ""));
  }
}

void Blocks::read(const std::string& account, const record::ArchiveRow& row, Findings& findings) {
  const auto& stanza = row.stanza();
  auto& now = now_[account];
  if (!row.blocklist()) {
    const auto peer = bare_of(row.outgoing() ? stanza.to() : stanza.from());
    if (now.contains(peer))
      findings.add("blocking: " + account + " has blocked " + peer + ", and yet has a row of " + stanza.origin_id());
    return;
  }
  const bool block = stanza.inner().starts_with("<block ");
  const std::string begin = "jid='";
  auto at = stanza.inner().find(begin);
  if (!block && at == std::string::npos) now.clear();
  for (; at != std::string::npos; at = stanza.inner().find(begin, at)) {
    at += begin.size();
    const auto jid = stanza.inner().substr(at, stanza.inner().find('\'', at) - at);
    if (jid.starts_with(kMark)) {
      ++carried_out_[jid];
    } else if (block) {
      now.insert(jid);
      ever_[account].insert(jid);
    } else {
      now.erase(jid);
    }
  }
}

}  // namespace iris::sim
