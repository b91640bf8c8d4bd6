// Sessions that were cut and come back, each again and again until it is served, as clients do.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "load/fleet.h"
#include "load/histogram.h"

namespace iris::load {

class Storm final : private Client::User {
 public:
  struct Options {
    Client::Wishes wishes;
    bool resume = true;
    std::uint32_t parallel = 0;                      // attempts under way at a time; 0: all
    Nanos pause = kSecond, pause_max = 8 * kSecond;  // before another attempt, doubled each time
  };
  Storm(Loop& loop, Fleet& fleet, const Options& options);
  // Everybody is cut in this moment, and comes back.
  void strike();
  bool over() const { return back_ == people_.size(); }
  std::size_t back() const { return back_; }
  std::size_t resumed() const { return resumed_; }
  const std::map<std::string, std::uint64_t>& failures() const { return failures_; }  // of attempts, by reason
  const Histogram& times() const { return times_; }                                   // from the cut until served
  Nanos struck() const { return struck_; }

 private:
  struct Person {
    Client* client;
    Nanos pause;
  };
  void on_ready(Client& client) override;
  void on_stanza(Client&, std::string_view, std::string_view) override {}
  void on_acked(Client&, std::uint32_t) override {}
  void on_down(Client& client, std::string_view why) override;
  void start_more();

  Loop& loop_;
  Options options_;
  std::vector<Person> people_;
  std::vector<std::size_t> waiting_;  // for their turn, the next one last
  std::size_t trying_ = 0, back_ = 0, resumed_ = 0;
  std::map<std::string, std::uint64_t> failures_;
  Histogram times_;
  Nanos struck_ = 0;
};

}  // namespace iris::load
