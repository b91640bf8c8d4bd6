#include "load/fleet.h"

namespace iris::load {

base::Status Fleet::login(const LoginOptions& options) {
  parallel_ = options.parallel;
  for (std::uint32_t i = 0; i < options.count; ++i) {
    clients_.push_back(std::make_unique<Client>(loop_, target_, options.first_account + i * options.account_step,
                                                static_cast<std::uint32_t>(clients_.size())));
    clients_.back()->set_user(*this);
  }
  start_more();
  const Nanos deadline = now() + options.time_max;
  bool in_time = false;
  while (now() < deadline && !Loop::stopped()) {
    in_time = loop_.run_until([this] { return ended_ == clients_.size(); }, std::min(deadline, now() + kSecond));
    if (options.progress) options.progress(ready_);
    if (in_time) break;
  }
  if (Loop::stopped()) return base::Error{base::Errc::closed, "interrupted while logging in"};
  if (!in_time)
    return base::Error{base::Errc::unavailable, std::to_string(ready_) + " of " + std::to_string(clients_.size()) +
                                                    " sessions were in when the time for logins was over. " +
                                                    failures_text()};
  if (ready_ == 0 && !clients_.empty())
    return base::Error{base::Errc::unavailable, "nobody could log in. " + failures_text()};
  return base::ok();
}

void Fleet::start_more() {
  while (started_ < clients_.size() && started_ - ended_ < parallel_) clients_[started_++]->login(wishes_);
}

void Fleet::on_ready(Client&) {
  ++ready_;
  ++ended_;
  start_more();
}

void Fleet::on_down(Client& client, std::string_view why) {
  Failure& failure = failures_[std::string(why)];
  if (failure.count++ == 0) failure.example = target_.bare_jid(client.account());
  if (client.was_ready()) {
    --ready_;
    return;
  }
  ++ended_;
  start_more();
}

std::string Fleet::failures_text() const {
  std::string out;
  for (const auto& [why, failure] : failures_)
    out += std::to_string(failure.count) + " x " + why + " (" + failure.example + "). ";
  return out;
}

void Fleet::close_all() {
  for (const auto& client : clients_) client->close();
}

}  // namespace iris::load
