#include "admin/admin_protocol.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/shortened.h"

namespace iris::admin {
namespace {

using base::Errc;
using base::Error;
using json = nlohmann::ordered_json;  // in the order in which it was written: people read it

constexpr std::array kCodes{Errc::unavailable,     Errc::overloaded, Errc::no_space,
                            Errc::unknown_outcome, Errc::not_found,  Errc::already_exists,
                            Errc::corrupt,         Errc::invalid,    Errc::closed};

Errc code_of(std::string_view text) {
  for (const Errc code : kCodes) {
    if (base::to_string(code) == text) return code;
  }
  return Errc::unavailable;
}

// On one line, and without an exception over bytes that are not UTF-8.
std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json parsed(std::string_view text) { return json::parse(text, nullptr, /*allow_exceptions=*/false); }

// The string at `key`, or null.
const std::string* string_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

constexpr std::size_t kWhoseBytesMax = 200;

std::string whose(const json& args) {
  if (const auto all = args.find("all"); all != args.end() && *all == true) return "all";
  for (const char* key : {"user", "jid"})
    if (const std::string* text = string_at(args, key)) return std::string(base::shortened(*text, kWhoseBytesMax));
  const auto accounts = args.find("accounts");
  if (accounts == args.end() || !accounts->is_array()) return "";
  return accounts->size() == 1 && accounts->front().is_object() ? whose(accounts->front())
                                                                : std::to_string(accounts->size()) + " accounts";
}

}  // namespace

std::string write_request(const AdminRequest& request) {
  json args = request.args.empty() ? json::object() : parsed(request.args);
  if (args.is_discarded()) args = request.args;  // the server says what it wants
  return dumped({{"command", request.command}, {"args", std::move(args)}});
}

base::Result<AdminRequest> read_request(std::string_view line) {
  const json request = parsed(line);
  const Error wrong{Errc::invalid, R"(a request is a line like {"command":"status","args":{}})"};
  if (!request.is_object()) return wrong;
  const std::string* const command = string_at(request, "command");
  if (command == nullptr) return wrong;
  const auto args = request.find("args");
  if (args != request.end() && !args->is_object()) return wrong;
  if (args == request.end()) return AdminRequest{*command, "{}", ""};
  return AdminRequest{*command, dumped(*args), whose(*args)};
}

std::string write_answer(const base::Result<std::string>& answer) {
  if (!answer) {
    return dumped({{"ok", false}, {"code", base::to_string(answer.error().code)}, {"error", answer.error().message}});
  }
  json result = parsed(*answer);
  if (result.is_discarded()) result = *answer;  // plain text
  return dumped({{"ok", true}, {"result", std::move(result)}});
}

base::Result<std::string> read_answer(std::string_view line) {
  const json answer = parsed(line);
  const auto ok = answer.is_object() ? answer.find("ok") : answer.end();
  const Error wrong{Errc::corrupt, "the server's answer is not of the known form; is irisctl of another version?"};
  if (!answer.is_object() || ok == answer.end() || !ok->is_boolean()) return wrong;
  if (ok->get<bool>()) {
    const auto result = answer.find("result");
    return result == answer.end() ? std::string("null") : dumped(*result);
  }
  const std::string* const message = string_at(answer, "error");
  const std::string* const code = string_at(answer, "code");
  if (message == nullptr || code == nullptr) return wrong;
  return Error{code_of(*code), *message};
}

}  // namespace iris::admin
