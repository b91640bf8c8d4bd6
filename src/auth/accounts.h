// Changes of accounts: appended to the log of the account's partition, done when its shard has persisted them (rule
// D3). Nothing writes beside the log (rule D1).
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/callback.h"
#include "base/result.h"
#include "bus/bus.h"
#include "io/loop.h"
#include "io/worker.h"
#include "log/log.h"
#include "record/record.pb.h"

namespace iris::auth {

struct AccountsOptions {
  std::uint32_t scram_iterations = 4096;
  base::Duration answer_timeout = std::chrono::seconds{15};  // then the outcome is unknown
  std::size_t open_max = 1024;                               // changes asked for and not answered
};

// Both hashes, each with a salt of its own. Empty if the password cannot be one (RFC 8265 §4.2). Costs milliseconds.
std::vector<record::ScramKeys> make_keys(std::string_view password, std::uint32_t iterations,
                                         std::string_view salt_sha1, std::string_view salt_sha256);

// Lives on one loop, whose receiver hands it AccountChanged messages.
class Accounts {
 public:
  using Outcome = record::AccountChanged::Outcome;  // DONE, EXISTS, MISSING
  using Done = base::Callback<void(base::Result<Outcome>)>;

  // `self`: the Bus address of this loop. `worker` may be null.
  Accounts(log::Log& log, io::Loop& loop, io::Worker* worker, bus::Address self, AccountsOptions options = {});

  // `bare`: prepared. Errc::invalid: the password cannot be one; unknown_outcome: ask again; what it was is not known.
  void create(std::string bare, std::string password, Done done);
  void set_password(std::string bare, std::string password, Done done);
  void remove(std::string bare, Done done);
  // With keys made elsewhere (import).
  void create_with_keys(std::string bare, std::vector<record::ScramKeys> keys, Done done);

  void on_bus(const record::AccountChanged& changed);

 private:
  struct Open {
    Done done;
    io::TimerId timeout;
  };
  void change(record::AccountChange::Change what, std::string bare, std::string password, Done done);
  void append(std::string bare, record::AccountChange change, Done done);
  void finish(std::uint64_t request, base::Result<Outcome> outcome);
  std::string salt();

  log::Log& log_;
  io::Loop& loop_;
  io::Worker* worker_;
  const bus::Address self_;
  const AccountsOptions options_;
  std::uint64_t next_request_;
  std::map<std::uint64_t, Open> open_;
};

}  // namespace iris::auth
