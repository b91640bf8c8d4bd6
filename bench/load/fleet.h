// Many clients, brought in and sent home.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "load/client.h"

namespace iris::load {

class Fleet final : private Client::User {
 public:
  Fleet(Loop& loop, const Target& target, Client::Wishes wishes) : loop_(loop), target_(target), wishes_(wishes) {}

  struct LoginOptions {
    std::uint32_t first_account = 0, count = 0, account_step = 1;
    std::uint32_t parallel = 64;  // logins under way at a time
    Nanos time_max = 600 * kSecond;
    std::function<void(std::size_t ready)> progress;  // every second
  };
  // Adds these clients and logs them in. What failed, by reason, is in failures(); an account that fails stays away.
  // Errc::unavailable if none came in, or the time was over.
  base::Status login(const LoginOptions& options);

  std::vector<std::unique_ptr<Client>>& clients() { return clients_; }
  std::size_t ready() const { return ready_; }
  struct Failure {
    std::uint64_t count = 0;
    std::string example;  // which account
  };
  const std::map<std::string, Failure>& failures() const { return failures_; }
  std::string failures_text() const;
  void close_all();

 private:
  void on_ready(Client& client) override;
  void on_stanza(Client&, std::string_view, std::string_view) override {}
  void on_acked(Client&, std::uint32_t) override {}
  void on_down(Client& client, std::string_view why) override;
  void start_more();

  Loop& loop_;
  const Target& target_;
  Client::Wishes wishes_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::size_t started_ = 0, ended_ = 0, ready_ = 0;
  std::uint32_t parallel_ = 1;
  std::map<std::string, Failure> failures_;
};

}  // namespace iris::load
