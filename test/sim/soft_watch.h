// What one session's edge was given that is not logged (presence, chat states), and what its client got of it: a client
// that nobody looks at is kept waiting for it (XEP-0352), and yet nothing overtakes it that the same sender has said
// later, and none of it is lost but what something newer has put out of date. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace iris::sim {

class SoftWatch {
 public:
  // The edge was given it. `sender`: the session that has said it; `place`: what a newer one of the same replaces.
  void arrived(const std::string& id, const std::string& sender, const std::string& place, bool active);
  void replaced(const std::string& sender, const std::string& place);  // of what is held; by one that is not watched
  void let_go();                        // what was held is on its way: nothing replaces it any more
  void dropped(const std::string& id);  // there was no room for it
  // The edge was given a logged one, which it takes or not.
  void offered(const std::string& id);
  void took(const std::string& id, bool yes);
  bool waits(const std::string& id) const;
  bool any_waits() const { return !waiting_.empty(); }

  // The client got it; what is wrong with that, if something is.
  std::string wrote(const std::string& id, const std::string& sender);
  std::string wrote_message(const std::string& id, const std::string& sender) const;

 private:
  struct Item {
    std::uint64_t at;
    std::string id, place;
    bool active;  // nothing need be held of it
  };
  std::map<std::string, std::vector<Item>> waiting_;  // by sender, in order
  struct Taken {
    std::uint64_t at = 0;
    bool sure = false;
  };
  std::map<std::string, Taken> messages_;  // when the edge took them
  std::set<std::string> known_;            // the Bus may double them
  std::uint64_t count_ = 0;
};

}  // namespace iris::sim
