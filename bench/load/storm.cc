#include "load/storm.h"

#include <algorithm>

namespace iris::load {

Storm::Storm(Loop& loop, Fleet& fleet, const Options& options) : loop_(loop), options_(options) {
  for (const auto& client : fleet.clients()) {
    client->set_user(*this);
    people_.push_back({client.get(), options.pause});  // at its number
  }
}

void Storm::strike() {
  struck_ = now();
  for (std::size_t i = people_.size(); i > 0; --i) {
    people_[i - 1].client->cut();
    waiting_.push_back(i - 1);
  }
  start_more();
}

void Storm::start_more() {
  while (!waiting_.empty() && (options_.parallel == 0 || trying_ < options_.parallel)) {
    Client& client = *people_[waiting_.back()].client;
    waiting_.pop_back();
    ++trying_;
    client.login(options_.wishes, options_.resume);
  }
}

void Storm::on_ready(Client& client) {
  --trying_;
  ++back_;
  if (client.resumed()) ++resumed_;
  times_.record(now() - struck_);
  start_more();
}

void Storm::on_down(Client& client, std::string_view why) {
  ++failures_[std::string(why)];
  if (client.was_ready()) {
    --back_;
  } else {
    --trying_;
  }
  Person& person = people_[client.number()];
  // Spread by the account's number: clients that were refused together must not come back together.
  const Nanos spread = person.pause / 100 * (client.number() % 100);
  loop_.after(person.pause / 2 + spread, [this, number = client.number()] {
    waiting_.push_back(number);
    start_more();
  });
  person.pause = std::min(2 * person.pause, options_.pause_max);
  start_more();
}

}  // namespace iris::load
