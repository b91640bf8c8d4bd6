// Whom the accounts have blocked (XEP-0191): what clients have asked for, and what the archives say became of it. The
// rows of one archive are in one order, so they tell exactly which messages were taken while their sender was blocked.
#pragma once
#include <deque>
#include <map>
#include <set>
#include <string>

#include "store/sim_store.h"
#include "user.h"

namespace iris::sim {

class Blocks {
 public:
  // Reads the archives. Finds what was taken from, or sent to, one who was blocked at that time; and commands that are
  // acknowledged and were not carried out once.
  Blocks(const store::SimStore& store, const std::deque<Command>& commands, Findings& findings);

  // At any time.
  bool ever(const std::string& account, const std::string& peer) const {
    auto it = ever_.find(account);
    return it != ever_.end() && it->second.contains(peer);
  }

 private:
  void read(const std::string& account, const record::ArchiveRow& row, Findings& findings);

  std::map<std::string, std::set<std::string>> ever_, now_;
  std::map<std::string, unsigned> carried_out_;  // by mark
};

}  // namespace iris::sim
