// The adapter of CLI11: no other file includes it.
#include "load/command_line.h"

#include <CLI/CLI.hpp>
#include <map>

namespace iris::load {
namespace {

const std::map<std::string, Transport> kTransports = {{"tcp", Transport::tcp},
                                                      {"starttls", Transport::starttls},
                                                      {"tls", Transport::tls},
                                                      {"ws", Transport::ws},
                                                      {"wss", Transport::wss}};

// At least one, and no more than makes sense on one machine. Without a description, which would stand in the help.
CLI::Validator between(double least, double most) { return CLI::Range(least, most).description(""); }
CLI::Validator some() { return between(1, 10'000'000); }
CLI::Validator seconds() { return between(0, 86'400); }

void add_common(CLI::App& app, CommonOptions& common, std::string& transport) {
  app.add_option("--host", common.host, "Where the server is")->capture_default_str()->group("Server");
  app.add_option("--port", common.port, "Its port for this transport")->capture_default_str()->group("Server");
  app.add_option("--transport", transport, "How to connect; tls: from the first byte, wss: a WebSocket over TLS")
      ->check(CLI::IsMember(kTransports))
      ->capture_default_str()
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
  app.add_option("--account-step", common.account_step, "Uses each n-th account only: chat, idle")
      ->check(some())
      ->capture_default_str()
      ->group("Accounts");
  app.add_option("--mechanism", common.target.mechanism, "SASL mechanism; default: the best that is offered")
      ->check(CLI::IsMember({"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"}))
      ->group("Accounts");
  app.add_option("--keys", common.keys_path,
                 "File that keeps SCRAM keys between runs: deriving one costs a millisecond of the generator's")
      ->envname("IRIS_BENCH_KEYS")
      ->group("Accounts");
  app.add_option("--parallel", common.parallel, "Logins under way at a time")
      ->check(some())
      ->capture_default_str()
      ->group("Load");
  app.add_option("--per-source", common.target.connections_per_source,
                 "Connections from one loopback address (127.77.0.1 and up)")
      ->check(some())
      ->capture_default_str()
      ->group("Load");
  app.add_option("--json", common.json_path, "Write the result there as one line of JSON; -: to standard output")
      ->group("Output");
  app.add_option("--label", common.label, "A name for this run, for the JSON")->group("Output");
  app.add_flag("--quiet", common.quiet, "No progress line")->group("Output");
}

void add_chat(CLI::App& sub, ChatOptions& chat) {
  sub.add_option("--pairs", chat.pairs, "Pairs of sender and recipient: accounts 0 and 1, 2 and 3, …")
      ->check(some())
      ->capture_default_str();
  sub.add_option("--seconds", chat.seconds, "How long is measured")->check(some())->capture_default_str();
  sub.add_option("--warmup", chat.warmup_seconds, "Seconds before that")->capture_default_str();
  sub.add_option("--rate", chat.rate,
                 "Open loop: messages per second of all pairs together; times count from the moment a message was due");
  sub.add_option("--window", chat.window,
                 "Closed loop: messages of a pair that are not yet both acknowledged and delivered")
      ->check(some())
      ->capture_default_str();
  sub.add_option("--body", chat.body_bytes, "Bytes of a message's text")->capture_default_str();
  sub.add_option("--idle", chat.idle_sessions, "Sessions that are there too and say nothing; their accounts follow")
      ->capture_default_str();
  sub.add_option("--stored", chat.stored_messages, "Go on until so many messages were delivered, then measure")
      ->capture_default_str();
  sub.add_option("--fill-max", chat.fill_seconds_max, "Seconds that this may take")
      ->check(seconds())
      ->capture_default_str();
  sub.add_option("--drain", chat.drain_seconds, "Seconds to wait at the end for what is under way")
      ->capture_default_str();
}

void add_idle(CLI::App& sub, IdleOptions& idle) {
  sub.add_option("--sessions", idle.sessions, "How many, an account each")->check(some())->capture_default_str();
  sub.add_option("--settle", idle.settle_seconds, "Seconds between the last login and the measuring")
      ->check(seconds())
      ->capture_default_str();
  sub.add_option("--seconds", idle.seconds, "How long is measured")->check(seconds())->capture_default_str();
  sub.add_option("--ping", idle.ping_seconds, "Seconds between two pings of a session; 0: none")
      ->check(seconds())
      ->capture_default_str();
  sub.add_flag("--stream-management", idle.stream_management, "With XEP-0198, resumable");
}

void add_login(CLI::App& sub, LoginOptions& login) {
  sub.add_option("--accounts", login.accounts, "How many take turns")->check(some())->capture_default_str();
  sub.add_option("--seconds", login.seconds, "How long is measured")->check(seconds())->capture_default_str();
  sub.add_option("--warmup", login.warmup_seconds, "Seconds before that")->check(seconds())->capture_default_str();
  sub.add_option("--rate", login.rate, "Open loop: logins per second; without it, --parallel logins at a time");
  sub.add_flag("--tls-resumption", login.tls_resumption, "Resume the TLS session of an account's last login");
}

void add_storm(CLI::App& sub, StormOptions& storm) {
  sub.add_option("--sessions", storm.sessions, "How many are cut")->check(some())->capture_default_str();
  sub.add_flag("!--no-resume", storm.resume, "They log in anew instead of resuming their sessions (XEP-0198)");
  sub.add_flag("--tls-resumption", storm.tls_resumption, "They resume their TLS sessions");
  sub.add_option("--at-once", storm.at_once, "How many try to come back at a time; 0: all")->capture_default_str();
  sub.add_option("--bystanders", storm.bystander_pairs, "Pairs that chat meanwhile; their accounts follow the others'")
      ->check(some())
      ->capture_default_str();
  sub.add_option("--bystander-rate", storm.bystander_rate, "Their messages per second, of all together")
      ->check(some())
      ->capture_default_str();
  sub.add_option("--calm", storm.calm_seconds, "Seconds of chat before the storm")
      ->check(seconds())
      ->capture_default_str();
  sub.add_option("--seconds-max", storm.seconds_max, "Who is not back by then counts as refused")
      ->check(seconds())
      ->capture_default_str();
}

void add_offline(CLI::App& sub, OfflineOptions& offline) {
  sub.add_option("--senders", offline.senders, "How many write")->check(some())->capture_default_str();
  sub.add_option("--recipients", offline.recipients, "How many are away; their accounts follow the senders'")
      ->check(some())
      ->capture_default_str();
  sub.add_option("--messages", offline.messages_each, "Messages for each")->check(some())->capture_default_str();
  sub.add_option("--body", offline.body_bytes, "Bytes of a message's text")->capture_default_str();
  sub.add_option("--seconds-max", offline.seconds_max, "For writing, and again for catching up")
      ->check(seconds())
      ->capture_default_str();
}

void add_archive(CLI::App& sub, ArchiveOptions& archive) {
  sub.add_option("--readers", archive.readers, "How many page, each in an archive of its own")
      ->check(some())
      ->capture_default_str();
  sub.add_option("--senders", archive.senders, "How many fill the archives; their accounts follow the readers'")
      ->check(some())
      ->capture_default_str();
  sub.add_option("--messages", archive.messages_each, "Messages in each archive")->check(some())->capture_default_str();
  sub.add_option("--page", archive.page, "Messages of a page")->check(some())->capture_default_str();
  sub.add_option("--slices", archive.slices, "By date: into so many slices the time of filling is cut")
      ->check(some())
      ->capture_default_str();
  sub.add_option("--seconds", archive.seconds, "How long each way is measured")
      ->check(seconds())
      ->capture_default_str();
  sub.add_option("--fill-max", archive.fill_seconds_max, "Seconds that filling may take")
      ->check(seconds())
      ->capture_default_str();
}

void add_presence(CLI::App& sub, PresenceOptions& presence) {
  sub.add_option("--roster", presence.roster, "Contacts of each")->check(some())->capture_default_str();
  sub.add_option("--groups", presence.groups, "Groups of people who all know each other, one more than --roster each")
      ->check(some())
      ->capture_default_str();
  sub.add_option("--seconds", presence.seconds, "How long is measured")->check(seconds())->capture_default_str();
  sub.add_option("--warmup", presence.warmup_seconds, "Seconds before that")->check(seconds())->capture_default_str();
  sub.add_option("--setup-max", presence.setup_seconds_max, "Seconds that making the rosters may take")
      ->check(seconds())
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
  IdleOptions idle;
  LoginOptions login;
  StormOptions storm;
  OfflineOptions offline;
  ArchiveOptions archive;
  PresenceOptions presence;
  AccountsOptions accounts;
  std::string transport = "tcp";
  CLI::App app("A load generator for XMPP servers.", "iris-bench");
  app.require_subcommand(1);
  app.footer(kFooter);
  add_common(app, out.common, transport);
  app.fallthrough();
  CLI::App* chat_app = app.add_subcommand("chat", "One-to-one messages that the server archives on both sides");
  add_chat(*chat_app, chat);
  CLI::App* transient_app = app.add_subcommand("chat-transient", "The same, with no-store (XEP-0334)");
  add_chat(*transient_app, chat);
  CLI::App* idle_app = app.add_subcommand("idle", "Sessions that do nothing: memory per session, CPU of being there");
  add_idle(*idle_app, idle);
  CLI::App* login_app = app.add_subcommand("login", "Full logins, each with a first message");
  add_login(*login_app, login);
  CLI::App* storm_app = app.add_subcommand("storm", "All sessions cut at once, and back at once");
  add_storm(*storm_app, storm);
  CLI::App* offline_app = app.add_subcommand("offline", "Messages to people who are away, who then come and take them");
  add_offline(*offline_app, offline);
  CLI::App* archive_app = app.add_subcommand("archive", "Paging through long archives, newest first and by date");
  add_archive(*archive_app, archive);
  CLI::App* presence_app = app.add_subcommand("presence", "People with long rosters, who log in and out");
  add_presence(*presence_app, presence);
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
  out.common.target.transport = kTransports.at(transport);
  chat.transient = transient_app->parsed();
  if (accounts_app->parsed())
    out.workload = accounts;
  else if (idle_app->parsed())
    out.workload = idle;
  else if (login_app->parsed())
    out.workload = login;
  else if (storm_app->parsed())
    out.workload = storm;
  else if (offline_app->parsed())
    out.workload = offline;
  else if (archive_app->parsed())
    out.workload = archive;
  else if (presence_app->parsed())
    out.workload = presence;
  else
    out.workload = chat;
  return out;
}

}  // namespace iris::load
