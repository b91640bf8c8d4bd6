#include "app/irisctl_import.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "admin/admin_socket.h"

namespace iris::app {
namespace {

using Json = nlohmann::json;

// Large enough that syncs are shared, small enough that logins are not held up long behind the derivation of keys.
constexpr std::size_t kBatch = 256;
constexpr std::size_t kProgressEvery = 20;   // batches
constexpr std::size_t kFailuresMax = 10000;  // to tell; nobody reads more

Json to_json(const ImportedAccount& account) {
  Json out{{"line", account.line}, {"user", account.user}};
  if (account.keys.empty()) out["password"] = account.password;
  for (const ImportedKeys& keys : account.keys)
    out["keys"].push_back({{"mechanism", keys.mechanism},
                           {"iterations", keys.iterations},
                           {"salt", keys.salt},
                           {"stored_key", keys.stored_key},
                           {"server_key", keys.server_key}});
  return out;
}

}  // namespace

base::Result<std::string> ask(const std::string& data, const std::string& command, const std::string& args) {
  auto result = admin::admin_call(data + "/irisd.sock", command, args);
  if (result || result.error().code != base::Errc::unavailable) return result;
  std::string advice = std::filesystem::exists(data + "/iris.toml") ? "Start it: irisd --config " + data + "/iris.toml"
                                                                    : "There is no iris.toml either: is --data right?";
  return base::Error{base::Errc::unavailable,
                     "no irisd answers in " + data + " (" + result.error().message + "). " + advice};
}

base::Result<std::string> encode(const nlohmann::ordered_json& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (nlohmann::ordered_json::parse(text, nullptr, false) != json)
    return base::Error{base::Errc::invalid, "the input is not UTF-8"};
  return text;
}

ImportReport Import::run(std::istream& in, std::size_t first) {
  read_account_csv(
      in, [this](ImportedAccount account) { add(std::move(account)); },
      [this](ImportFailure failure) { fail(std::move(failure)); }, first);
  send();
  if (!quiet_) std::cerr << "\r";
  std::ranges::stable_sort(report_.failures, {}, &ImportFailure::line);
  return std::move(report_);
}

void Import::add(ImportedAccount account) {
  if (report_.error) return;
  if (auto text = encode(to_json(account)); !text) {
    fail({account.line, text.error().message});
    return;
  }
  batch_.push_back(std::move(account));
  if (batch_.size() == kBatch) send();
}

void Import::fail(ImportFailure failure) {
  if (++report_.failed <= kFailuresMax) report_.failures.push_back(std::move(failure));
}

void Import::send() {
  if (batch_.empty() || report_.error) return;
  Json accounts = Json::array();
  for (const ImportedAccount& account : batch_) accounts.push_back(to_json(account));
  const std::size_t sent = std::exchange(batch_, {}).size();
  auto result = ask(data_, "account-import", Json{{"accounts", accounts}}.dump());
  if (!result) {
    report_.error = result.error();
    return;
  }
  const Json answer = Json::parse(*result, nullptr, false);
  const Json failed = answer.value("failed", Json::array());
  for (const Json& one : failed) fail({one.value("line", std::size_t{0}), one.value("error", "")});
  report_.added += sent - failed.size();
  if (!quiet_ && (report_.added / kBatch) % kProgressEvery == 0)
    std::cerr << "\r" << report_.added << " accounts" << std::flush;
}

}  // namespace iris::app
