#include "app/account_import.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "xmpp/base64.h"
#include "xmpp/jid.h"
#include "xmpp/scram.h"

namespace iris::app {
namespace {

using base::Errc;
using base::Error;
using Json = nlohmann::json;

constexpr std::size_t kAtOnce = 256;

std::string text_at(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}
std::uint64_t number_at(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

// Keys are as good as the password: those that cannot be right are refused here, not at the first login.
std::string take_keys(const Json& json, record::ScramKeys& keys) {
  const std::string mechanism = text_at(json, "mechanism");
  const bool sha1 = mechanism == xmpp::mechanism_name(xmpp::ScramHash::sha1);
  if (!sha1 && mechanism != xmpp::mechanism_name(xmpp::ScramHash::sha256))
    return "the mechanism must be SCRAM-SHA-1 or SCRAM-SHA-256";
  const std::uint64_t iterations = number_at(json, "iterations");
  if (iterations == 0 || iterations > xmpp::kScramIterationsMax)
    return "iterations must be 1 to " + std::to_string(xmpp::kScramIterationsMax);
  const auto salt = xmpp::base64_decode(text_at(json, "salt"));
  const auto stored = xmpp::base64_decode(text_at(json, "stored_key"));
  const auto server = xmpp::base64_decode(text_at(json, "server_key"));
  const std::size_t size = sha1 ? 20 : 32;
  if (!salt || salt->empty()) return "the salt must be base64 and not empty";
  if (!stored || !server || stored->size() != size || server->size() != size)
    return "both keys must be base64 of " + std::to_string(size) + " bytes";
  keys.set_mechanism(mechanism);
  keys.set_iterations(static_cast<std::uint32_t>(iterations));
  keys.set_salt(*salt);
  keys.set_stored_key(*stored);
  keys.set_server_key(*server);
  return "";
}

class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(auth::Accounts& accounts, std::vector<ImportJob> jobs, base::Callback<void(std::vector<ImportProblem>)> done)
      : accounts_(accounts), jobs_(std::move(jobs)), done_(std::move(done)) {}

  void go_on() {
    while (open_ < kAtOnce && next_ < jobs_.size()) begin(jobs_[next_++]);
    if (open_ == 0 && next_ == jobs_.size() && done_) std::exchange(done_, nullptr)(std::move(problems_));
  }

 private:
  void begin(ImportJob& job) {
    if (!job.problem.empty()) {
      problems_.push_back({job.line, std::move(job.problem)});
      return;
    }
    ++open_;
    auto done = [self = shared_from_this(), line = job.line,
                 user = job.bare](base::Result<auth::Accounts::Outcome> outcome) {
      if (auto problem = problem_of(outcome, user)) self->problems_.push_back({line, std::move(problem->message)});
      --self->open_;
      self->go_on();
    };
    if (job.keys.empty())
      accounts_.create(job.bare, std::move(job.password), std::move(done));
    else
      accounts_.create_with_keys(job.bare, std::move(job.keys), std::move(done));
  }

  auth::Accounts& accounts_;
  std::vector<ImportJob> jobs_;
  std::size_t next_ = 0;
  std::size_t open_ = 0;
  std::vector<ImportProblem> problems_;
  base::Callback<void(std::vector<ImportProblem>)> done_;
};

}  // namespace

base::Result<std::string> local_account(const std::string& typed, const std::string& domain) {
  const bool whole = typed.find('@') != std::string::npos;
  const auto jid = whole ? xmpp::Jid::parse(typed) : xmpp::Jid::make(typed, domain);
  if (!jid || !jid->is_bare() || !jid->has_local())
    return Error{Errc::invalid, "'" + typed + "' is no account's address; one looks like juliet@" + domain};
  if (jid->domain() != domain)
    return Error{Errc::invalid, "accounts of this server are @" + domain + ", not @" + std::string(jid->domain())};
  return jid->to_string();
}

std::optional<Error> problem_of(const base::Result<auth::Accounts::Outcome>& outcome, const std::string& user) {
  if (!outcome) {
    if (outcome.error().code != Errc::unknown_outcome) return outcome.error();
    return Error{Errc::unknown_outcome, user + ": no answer in time, it may have been done or not; try again"};
  }
  if (*outcome == record::AccountChanged::EXISTS) return Error{Errc::already_exists, user + " exists already"};
  if (*outcome == record::AccountChanged::MISSING) return Error{Errc::not_found, "there is no account " + user};
  return std::nullopt;
}

ImportJob read_import_job(const Json& json, const std::string& domain) {
  ImportJob job{.line = number_at(json, "line"), .password = text_at(json, "password")};
  auto bare = local_account(text_at(json, "user"), domain);
  if (!bare) {
    job.problem = bare.error().message;
    return job;
  }
  job.bare = *bare;
  const auto keys = json.is_object() ? json.find("keys") : json.end();
  if (keys == json.end() || !keys->is_array()) return job;
  for (const Json& one : *keys)
    if (job.problem.empty()) job.problem = take_keys(one, job.keys.emplace_back());
  return job;
}

void import_accounts(auth::Accounts& accounts, std::vector<ImportJob> jobs,
                     base::Callback<void(std::vector<ImportProblem>)> done) {
  std::make_shared<Run>(accounts, std::move(jobs), std::move(done))->go_on();
}

}  // namespace iris::app
