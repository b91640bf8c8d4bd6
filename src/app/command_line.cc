// The adapter of CLI11: no other file includes it.
#include "app/command_line.h"

#include <CLI/CLI.hpp>

#include "app/version.h"

namespace iris::app {
namespace {

// Help and version are no errors; anything else is the caller's mistake.
int finish(const CLI::App& app, const CLI::ParseError& error) {
  return app.exit(error) == 0 ? static_cast<int>(Exit::good) : static_cast<int>(Exit::usage);
}

void add_init(CLI::App& app, InitOptions& init) {
  CLI::App* sub =
      app.add_subcommand("init", "Make a data folder: iris.toml, certificate, secrets. Keeps what is there.");
  sub->add_option("--data", init.data, "The folder")->required();
  sub->add_option(
         "--base-port", init.base_port,
         "STARTTLS here, direct TLS on +1, HTTP and WebSocket on +2, metrics on +3, HTTPS on +4; all on loopback")
      ->capture_default_str();
  sub->add_option("--domain", init.domain, "The domain of the accounts")->capture_default_str();
  sub->add_option("--registration", init.registration, "Who may make accounts from a client: off, loopback or open")
      ->check(CLI::IsMember({"off", "loopback", "open"}))
      ->capture_default_str();
  sub->add_option("--web", init.web, "Folder of the web client (web/build.sh makes one)");
  sub->add_flag("--no-limits", init.no_limits, "No limits of rate: for benchmarks");
  sub->add_flag("--allow-plaintext", init.allow_plaintext, "Login without TLS, on loopback only: for tests");
}

}  // namespace

std::variant<IrisdCommand, int> parse_irisd(int argc, const char* const* argv) {
  using What = IrisdCommand::What;
  IrisdCommand out;
  bool check = false, doc = false, xeps = false, stanza_table = false, doap = false;
  CLI::App app("Iris, an XMPP server. Make a folder with 'irisd init', then start with 'irisd --config FILE'.",
               "irisd");
  app.set_version_flag("--version", kVersion);
  app.add_option("--config", out.config, "The configuration file, as docs/configuration.md says");
  app.add_flag("--check-config", check, "Check the configuration file and end");
  app.add_flag("--print-config-doc", doc, "Print docs/configuration.md and end");
  app.add_flag("--print-xeps", xeps, "Print docs/xeps.md and end");
  app.add_flag("--print-stanza-table", stanza_table, "Print docs/stanza-table.md and end");
  app.add_flag("--print-doap", doap, "Print the DOAP file and end");
  add_init(app, out.init);
  app.footer(
      "Exit codes: 0 ended in order, 1 failed, 2 wrong command line or configuration, 3 another irisd runs on the\n"
      "data folder. Signals: TERM and INT end in order, HUP reads the certificate again.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) { return finish(app, error); }
  if (app.got_subcommand("init"))
    out.what = What::init;
  else if (doc)
    out.what = What::print_config_doc;
  else if (xeps)
    out.what = What::print_xeps;
  else if (stanza_table)
    out.what = What::print_stanza_table;
  else if (doap)
    out.what = What::print_doap;
  else
    out.what = check ? What::check_config : What::run;
  if (out.config.empty() && (out.what == What::run || out.what == What::check_config))
    return finish(app, CLI::RequiredError("--config FILE"));
  return out;
}

std::variant<IrisctlCommand, int> parse_irisctl(int argc, const char* const* argv) {
  using What = IrisctlCommand::What;
  IrisctlCommand out;
  CLI::App app("Administers a running irisd over the socket in its data folder.", "irisctl");
  app.set_version_flag("--version", kVersion);
  app.add_option("--data", out.data, "The server's data folder")->required();
  app.add_flag("--json", out.json, "Answer in JSON, for programs");
  app.require_subcommand(1);
  app.fallthrough();  // --json may stand at the end

  CLI::App* account = app.add_subcommand("account", "Accounts")->require_subcommand(1);
  CLI::App* add = account->add_subcommand("add", "Make an account");
  CLI::App* password = account->add_subcommand("password", "Set an account's password");
  for (CLI::App* sub : {add, password}) {
    sub->add_option("USER", out.user, "user@domain; without a domain, the server's own")->required();
    auto* given = sub->add_option("--password", out.password, "The password (others on this machine may see it in ps)");
    sub->add_flag("--password-stdin", out.password_stdin, "Read it from the first line of standard input")
        ->excludes(given);
  }
  CLI::App* remove = account->add_subcommand("delete", "Delete an account with all that is stored of it");
  remove->add_option("USER", out.user, "user@domain")->required();
  CLI::App* list = account->add_subcommand("list", "List all accounts");
  CLI::App* import = account->add_subcommand("import",
                                             "Make many accounts from CSV: 'user@domain,password', or "
                                             "'user@domain,mechanism,iterations,salt,stored key,server key' (base64)");
  import->add_option("FILE", out.file, "The file; - for standard input")->required();
  CLI::App* status = app.add_subcommand("status", "What the server does");
  app.footer("Exit codes: 0 done, 1 failed, 2 wrong command line or input, 3 no irisd runs on the data folder.");
  try {
    app.parse(argc, argv);
    if ((add->parsed() || password->parsed()) && out.password.empty() && !out.password_stdin)
      throw CLI::RequiredError("--password PW or --password-stdin");
  } catch (const CLI::ParseError& error) { return finish(app, error); }
  if (add->parsed())
    out.what = What::account_add;
  else if (password->parsed())
    out.what = What::account_password;
  else if (remove->parsed())
    out.what = What::account_delete;
  else if (list->parsed())
    out.what = What::account_list;
  else if (import->parsed())
    out.what = What::account_import;
  else if (status->parsed())
    out.what = What::status;
  return out;
}

}  // namespace iris::app
