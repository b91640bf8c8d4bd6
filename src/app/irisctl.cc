#include "app/irisctl.h"

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "admin/admin_socket.h"
#include "app/command_line.h"
#include "app/irisctl_import.h"
#include "app/irisctl_output.h"
#include "app/irisctl_server.h"
#include "app/irisctl_transfer.h"
#include "app/password_input.h"

namespace iris::app {
namespace {

using Json = nlohmann::json;
using What = IrisctlCommand::What;

base::Result<std::string> first_line_of_stdin() {
  auto line = read_password(STDIN_FILENO, [] { std::cerr << "password: " << std::flush; });
  if (line.empty()) return base::Error{base::Errc::invalid, "there is no password on standard input"};
  return line;
}

int account_change(const IrisctlCommand& command) {
  Json args{{"user", command.user}};
  if (command.what != What::account_delete) {
    args["password"] = command.password;
    if (command.password_stdin) {
      auto line = first_line_of_stdin();
      if (!line) return fail(command, line.error());
      args["password"] = *line;
    }
  }
  const bool add = command.what == What::account_add, remove = command.what == What::account_delete;
  auto text = encode(args);
  if (!text) return fail(command, text.error());
  auto result = ask(command.data, add ? "account-add" : remove ? "account-delete" : "account-password", *text);
  if (!result) return fail(command, result.error());
  const Json answer = Json::parse(*result, nullptr, false);
  const std::string user = answer.value("user", command.user);
  return succeed(command, answer, (add ? "added " : remove ? "deleted " : "new password for ") + user);
}

int account_list(const IrisctlCommand& command) {
  std::vector<std::string> all;  // the server lists by partition
  std::string after;
  do {
    auto result = ask(command.data, "account-list", Json{{"after", after}}.dump());
    if (!result) return fail(command, result.error());
    const Json page = Json::parse(*result, nullptr, false);
    for (const Json& user : page.value("accounts", Json::array())) all.push_back(user.get<std::string>());
    after = page.value("next", "");
  } while (!after.empty());
  std::ranges::sort(all);
  for (const std::string& user : all)
    if (!command.json) std::cout << user << "\n";
  return succeed(command, Json{{"accounts", all}}, "");
}

// A pipe is as good as a file; what never ends is not.
base::Status open_for_import(const std::string& path, std::ifstream& file) {
  std::error_code none;
  const auto status = std::filesystem::status(path, none);
  if (std::filesystem::is_directory(status)) return base::Error{base::Errc::invalid, path + " is a folder"};
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) && !std::filesystem::is_fifo(status))
    return base::Error{base::Errc::invalid, path + " is no file"};
  file.open(path, std::ios::binary);
  if (!file) return base::Error{base::Errc::not_found, "cannot read " + path};
  return base::ok();
}

// Up to the first character, which says what the file is. The number of lines that are passed by.
std::size_t skip_blank(std::istream& in) {
  std::size_t lines = 0;
  for (int next = in.peek(); next > 0 && std::string_view(" \t\r\n\xef\xbb\xbf").contains(static_cast<char>(next));
       next = in.peek())
    lines += in.get() == '\n' ? 1 : 0;
  return lines;
}

int account_import(const IrisctlCommand& command) {
  std::ifstream file;
  if (command.file != "-") {
    if (auto opened = open_for_import(command.file, file); !opened) return fail(command, opened.error());
  }
  std::istream& in = command.file == "-" ? std::cin : file;
  const std::size_t lines = skip_blank(in);
  if (in.peek() == '<') return import_server_data(command, in);
  Import import(command.data, command.json || ::isatty(STDERR_FILENO) == 0);
  auto report = import.run(in, lines + 1);
  if (in.bad() && !report.error) report.error = {base::Errc::unavailable, "cannot read all of " + command.file};
  for (const ImportFailure& failure : report.failures)
    if (!command.json) std::cerr << command.file << ":" << failure.line << ": " << failure.reason << "\n";
  if (!command.json && report.failed > report.failures.size())
    std::cerr << command.file << ": and " << report.failed - report.failures.size() << " more\n";
  Json failed = Json::array();
  for (const ImportFailure& failure : report.failures)
    failed.push_back({{"line", failure.line}, {"error", failure.reason}});
  const Json result{{"added", report.added}, {"failed", failed}, {"failed_lines", report.failed}};
  if (report.error) {
    if (!command.json) std::cerr << "irisctl: stopped after " << report.added << " accounts\n";
    return fail(command, *report.error);
  }
  if (report.failures.empty()) return succeed(command, result, "added " + std::to_string(report.added) + " accounts");
  if (command.json)
    std::cout << Json{{"ok", false}, {"code", "invalid"}, {"error", "some lines failed"}, {"result", result}}.dump()
              << "\n";
  else
    std::cerr << "irisctl: added " << report.added << " accounts, " << report.failed << " lines failed\n";
  return static_cast<int>(Exit::failed);
}

}  // namespace

int irisctl_main(int argc, const char* const* argv) {
  auto parsed = parse_irisctl(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& command = std::get<IrisctlCommand>(parsed);
  switch (command.what) {
    case What::account_add:
    case What::account_password:
    case What::account_delete: return account_change(command);
    case What::account_list: return account_list(command);
    case What::account_import: return account_import(command);
    case What::account_export: return export_account(command);
    case What::session_list: return list_sessions(command);
    case What::session_end: return end_sessions(command);
    case What::status: return show_status(command);
  }
  return static_cast<int>(Exit::usage);
}

}  // namespace iris::app
