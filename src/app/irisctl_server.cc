#include "app/irisctl_server.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "app/irisctl_import.h"
#include "app/irisctl_output.h"

namespace iris::app {
namespace {

using Json = nlohmann::ordered_json;

std::string padded(std::string text, std::size_t width) {
  text.append(text.size() < width ? width - text.size() : 1, ' ');
  return text;
}

// "3d 4h", "5m 6s": the two largest units.
std::string span_of(std::int64_t seconds) {
  const std::pair<std::int64_t, const char*> units[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
  std::string out;
  int left = 2;
  for (const auto& [size, name] : units) {
    const std::int64_t count = seconds / size;
    if (count == 0 && (out.empty() ? size != 1 : true)) continue;
    if (left-- == 0) break;
    out += (out.empty() ? "" : " ") + std::to_string(count) + name;
    seconds %= size;
  }
  return out;
}

std::string size_of(std::uint64_t bytes) {
  if (bytes < 10240) return std::to_string(bytes) + " B";
  if (bytes < 10240ull * 1024) return std::to_string(bytes >> 10) + " KiB";
  return std::to_string(bytes >> 20) + " MiB";
}

void print_session(const Json& session) {
  const std::string peer = session.value("peer", "");
  std::string state = session.value("available", false)
                          ? "available, priority " + std::to_string(session.value("priority", 0))
                          : "not available";
  if (!session.value("connected", false)) state += ", waits for its client";
  if (session.value("unacked", 0) > 0) state += ", " + std::to_string(session.value("unacked", 0)) + " unacknowledged";
  std::cout << padded(session.value("jid", ""), 40) << " " << padded(peer.empty() ? "-" : peer, 34) << " "
            << padded(span_of(session.value("age_seconds", std::int64_t{0})), 9) << state << "\n";
}

std::string value_text(const std::string& name, const Json& value) {
  if (name == "uptime_seconds") return span_of(value.get<std::int64_t>());
  if (name.ends_with("_bytes")) return size_of(value.get<std::uint64_t>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string status_text(const Json& status, const std::string& indent = "") {
  std::string out;
  for (const auto& [name, value] : status.items()) {
    if (!out.empty()) out += "\n";
    if (value.is_object()) {
      out += indent + name + ":\n" + status_text(value, indent + "  ");
      continue;
    }
    std::string shown = name;
    for (const char* unit : {"_seconds", "_bytes"})
      if (shown.ends_with(unit)) shown.resize(shown.size() - std::string_view(unit).size());
    out += indent + padded(shown, 32 - indent.size()) + value_text(name, value);
  }
  return out;
}

}  // namespace

int list_sessions(const IrisctlCommand& command) {
  Json all = Json::array();
  std::string after;
  std::size_t count = 0;
  do {
    auto args = encode(Json{{"jid", command.user}, {"after", after}});
    if (!args) return fail(command, args.error());
    auto result = ask(command.data, "session-list", *args);
    if (!result) return fail(command, result.error());
    const Json page = Json::parse(*result, nullptr, false);
    for (const Json& session : page.value("sessions", Json::array())) {
      ++count;
      if (command.json)
        all.push_back(session);
      else
        print_session(session);
    }
    after = page.value("next", "");
  } while (!after.empty());
  return succeed(command, Json{{"sessions", all}}, count == 0 ? "no sessions" : "");
}

int end_sessions(const IrisctlCommand& command) {
  auto args = encode(Json{{"jid", command.user}, {"all", command.all}, {"text", command.reason}});
  if (!args) return fail(command, args.error());
  auto result = ask(command.data, "session-end", *args);
  if (!result) return fail(command, result.error());
  const Json answer = Json::parse(*result, nullptr, false);
  const std::size_t ended = answer.value("ended", std::size_t{0});
  return succeed(command, answer, "ended " + std::to_string(ended) + (ended == 1 ? " session" : " sessions"));
}

int show_status(const IrisctlCommand& command) {
  auto result = ask(command.data, "status", "{}");
  if (!result) return fail(command, result.error());
  const Json answer = Json::parse(*result, nullptr, false);
  return succeed(command, answer, status_text(answer));
}

}  // namespace iris::app
