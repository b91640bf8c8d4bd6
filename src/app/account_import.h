// The server's side of `irisctl account import`: many accounts at the same time, so that they share syncs of the log,
// but not so many that others wait long.
#pragma once
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "base/callback.h"
#include "base/result.h"
#include "record/record.pb.h"

namespace iris::app {

// A prepared bare JID of the server's domain from what an operator typed; without a domain, the server's is meant.
base::Result<std::string> local_account(const std::string& typed, const std::string& domain);

// In words, or nothing if it was done.
std::optional<base::Error> problem_of(const base::Result<auth::Accounts::Outcome>& outcome, const std::string& user);

struct ImportJob {
  std::size_t line{};
  std::string bare;
  std::string password;
  std::vector<record::ScramKeys> keys;  // instead of the password
  std::string problem;                  // not empty: not to be done
};

struct ImportProblem {
  std::size_t line{};
  std::string reason;
};

ImportJob read_import_job(const nlohmann::json& json, const std::string& domain);

// `accounts` outlives the call's end.
void import_accounts(auth::Accounts& accounts, std::vector<ImportJob> jobs,
                     base::Callback<void(std::vector<ImportProblem>)> done);

}  // namespace iris::app
