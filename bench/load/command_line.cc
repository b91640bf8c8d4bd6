// The adapter of CLI11: no other file includes it.
#include "load/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

namespace iris::load {
namespace {

const std::map<std::string, Transport> kTransports = {{"tcp", Transport::tcp},
                                                      {"starttls", Transport::starttls},
                                                      {"tls", Transport::tls},
                                                      {"ws", Transport::ws},
                                                      {"wss", Transport::wss}};

void add_common(CLI::App& app, CommonOptions& common) {
  app.add_option("--host", common.host, "Where the server is")->capture_default_str()->group("Server");
  app.add_option("--port", common.port, "Its port for this transport")->capture_default_str()->group("Server");
  app.add_option("--transport", common.target.transport, "tcp, starttls, tls (direct), ws or wss")
      ->transform(CLI::CheckedTransformer(kTransports))
      ->default_str("tcp")
      ->group("Server");
  app.add_option("--path", common.target.path, "Path of the WebSocket")->capture_default_str()->group("Server");
  app.add_option("--server-pid", common.server_pids,
                 "Process whose CPU and memory are read, with its children; may be given more than once")
      ->group("Server");
  app.add_option("--domain", common.target.domain, "Domain of the accounts")->capture_default_str()->group("Accounts");
  app.add_option("--user", common.target.user_pattern, "Name of an account; %d is its number")
      ->capture_default_str()
      ->check([](const std::string& text) { return text.find("%d") == std::string::npos ? "needs %d" : ""; })
      ->group("Accounts");
  app.add_option("--password", common.target.password, "Password of all accounts, ASCII")
      ->capture_default_str()
      ->group("Accounts");
  app.add_option("--first-account", common.first_account, "Number of the first account used")
      ->capture_default_str()
      ->group("Accounts");
  app.add_option("--mechanism", common.target.mechanism, "SASL mechanism; default: the best that is offered")
      ->check(CLI::IsMember({"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"}))
      ->group("Accounts");
  app.add_option("--keys", common.keys_path,
                 "File that keeps SCRAM keys between runs: deriving one costs a millisecond of the generator's")
      ->group("Accounts");
  app.add_option("--parallel", common.parallel, "Logins under way at a time")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Load");
  app.add_option("--per-source", common.target.connections_per_source,
                 "Connections from one loopback address (127.77.0.1 and up)")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Load");
  app.add_option("--json", common.json_path, "Write the result there as one line of JSON; -: to standard output")
      ->group("Output");
  app.add_option("--label", common.label, "A name for this run, for the JSON")->group("Output");
  app.add_flag("--quiet", common.quiet, "No progress line")->group("Output");
}

void add_chat(CLI::App& sub, ChatOptions& chat) {
  sub.add_option("--pairs", chat.pairs, "Pairs of sender and recipient: accounts 0 and 1, 2 and 3, …")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  sub.add_option("--seconds", chat.seconds, "How long is measured")->check(CLI::PositiveNumber)->capture_default_str();
  sub.add_option("--warmup", chat.warmup_seconds, "Seconds before that")->capture_default_str();
  sub.add_option("--rate", chat.rate,
                 "Open loop: messages per second of all pairs together; times count from the moment a message was due");
  sub.add_option("--window", chat.window,
                 "Closed loop: messages of a pair that are not yet both acknowledged and delivered")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  sub.add_option("--body", chat.body_bytes, "Bytes of a message's text")->capture_default_str();
  sub.add_option("--drain", chat.drain_seconds, "Seconds to wait at the end for what is under way")
      ->capture_default_str();
}

constexpr const char* kFooter =
    "Accounts must exist: u0, u1, … with one password; `iris-bench accounts` prints them for an import. Times are\n"
    "percentiles of an HdrHistogram. Exit codes: 0 all went well, 1 something was lost or refused, 2 wrong command\n"
    "line, 3 the server cannot be reached or lets nobody in.";

}  // namespace

std::variant<Options, Exit> parse_command_line(int argc, const char* const* argv) {
  Options out;
  ChatOptions chat;
  AccountsOptions accounts;
  if (const char* cache = std::getenv("IRIS_BENCH_KEYS"); cache != nullptr) out.common.keys_path = cache;
  CLI::App app("A load generator for XMPP servers.", "iris-bench");
  app.require_subcommand(1);
  app.footer(kFooter);
  add_common(app, out.common);
  app.fallthrough();
  CLI::App* chat_app = app.add_subcommand("chat", "One-to-one messages that the server archives on both sides");
  add_chat(*chat_app, chat);
  CLI::App* transient_app = app.add_subcommand("chat-transient", "The same, with no-store (XEP-0334)");
  add_chat(*transient_app, chat);
  CLI::App* accounts_app = app.add_subcommand("accounts", "Print the accounts that the workloads expect");
  accounts_app->add_option("--count", accounts.count, "How many")->capture_default_str();
  accounts_app
      ->add_option("--form", accounts.form,
                   "csv: for `irisctl account import`; xep0227: for `ejabberdctl import_piefxis`")
      ->check(CLI::IsMember({"csv", "xep0227"}))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) { return app.exit(error) == 0 ? Exit::good : Exit::usage; }
  chat.transient = transient_app->parsed();
  if (accounts_app->parsed())
    out.workload = accounts;
  else
    out.workload = chat;
  return out;
}

}  // namespace iris::load
