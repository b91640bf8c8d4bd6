// Makes people acquainted: cut into groups, of which each member has all others in its roster, both ways (RFC 6121 §3).
// What is there already, from an earlier run, is left.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "load/client.h"

namespace iris::load {

class Rosters final : private Client::User {
 public:
  // The clients are ready, and as many as make whole groups.
  Rosters(const Target& target, std::vector<Client*> clients, std::uint32_t group_size);
  void start();
  std::uint64_t wanted() const { return std::uint64_t{people_.size()} * (group_size_ - 1); }
  std::uint64_t there() const { return there_; }
  bool done() const { return there_ == wanted(); }
  bool broken() const { return !trouble_.empty(); }
  const std::string& trouble() const { return trouble_; }

 private:
  struct Person {
    Client* client;
    std::unordered_set<std::string> contacts = {};  // both ways
    std::vector<std::string> unasked = {};
    std::uint32_t asked = 0;  // and not yet granted
  };
  void on_ready(Client&) override {}
  void on_stanza(Client& client, std::string_view name, std::string_view stanza) override;
  void on_acked(Client&, std::uint32_t) override {}
  void on_down(Client&, std::string_view why) override;
  void take_items(Person& person, std::string_view iq);
  void list_missing(std::size_t number);
  void ask(Person& person);

  const Target& target_;
  std::uint32_t group_size_;
  std::vector<Person> people_;  // at their clients' numbers
  std::uint64_t there_ = 0;
  std::string trouble_;
};

}  // namespace iris::load
