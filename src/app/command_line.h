// What the two programs were asked to do.
#pragma once
#include <cstdint>
#include <string>
#include <variant>

#include "app/init.h"

namespace iris::app {

// Exit codes of irisd and irisctl, so that scripts can tell.
enum class Exit {
  good = 0,
  failed = 1,       // it could not be done, or not all of it; the message says why
  usage = 2,        // the command line is wrong, or the configuration
  unavailable = 3,  // irisd: another one runs on the data folder; irisctl: none runs there
};

struct IrisdCommand {
  enum class What { run, check_config, init, print_config_doc, print_xeps, print_stanza_table, print_doap } what{};
  std::string config;
  InitOptions init;
};

struct IrisctlCommand {
  enum class What {
    account_add,
    account_password,
    account_delete,
    account_list,
    account_import,
    account_export,
    session_list,
    session_end,
    status
  } what{};
  std::string data;
  bool json = false;
  std::string user;
  std::string password;
  bool password_stdin = false;
  std::string file;  // "-": standard input or output
  // Of XML, which is read whole, and takes up to twenty times as much memory; 100,000 accounts without archives fit.
  std::uint64_t file_bytes_max = 128 << 20;
  bool all = false;
  std::string reason;
};

// Or the exit code, when help or an error was printed.
std::variant<IrisdCommand, int> parse_irisd(int argc, const char* const* argv);
std::variant<IrisctlCommand, int> parse_irisctl(int argc, const char* const* argv);

}  // namespace iris::app
