// The adapter of CLI11: no other file includes it.
#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/suggest.h"
#include "app/version.h"

namespace iris::app {
namespace {

// Help and version are no errors; anything else is the caller's mistake.
int finish(const CLI::App& app, const CLI::ParseError& error) {
  return app.exit(error) == 0 ? static_cast<int>(Exit::good) : static_cast<int>(Exit::usage);
}

// A flag is given or it is not: CLI11 takes --json=3, and --json=0 for its contrary, if it is not told otherwise.
void refuse_values_of_flags(CLI::App& app) {
  for (CLI::Option* option : app.get_options())
    if (option->get_expected_max() == 0) option->disable_flag_override();
  for (CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) refuse_values_of_flags(*sub);
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
      "data folder. Signals: TERM and INT end in order, HUP reads the file and the certificate again.");
  refuse_values_of_flags(app);
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

namespace {

using What = IrisctlCommand::What;

struct Leaf {
  CLI::App* app;
  What what;
};

std::vector<Leaf> add_account_commands(CLI::App& app, IrisctlCommand& out) {
  CLI::App* account =
      app.add_subcommand("account", "Accounts: add, password, delete, list, import, export")->require_subcommand(1);
  CLI::App* add = account->add_subcommand("add", "Make an account");
  CLI::App* password = account->add_subcommand("password", "Set an account's password");
  for (CLI::App* sub : {add, password}) {
    sub->add_option("USER", out.user, "user@domain; without a domain, the server's own")->required();
    auto* given = sub->add_option("--password", out.password, "The password (others on this machine may see it in ps)");
    sub->add_flag("--password-stdin", out.password_stdin, "Read it from the first line of standard input")
        ->excludes(given);
  }
  CLI::App* remove = account->add_subcommand(
      "delete",
      "Delete an account with all that is stored of it. Its subscriptions end: the contacts are told, and an import of "
      "what was exported before brings back its own roster, not its place in theirs");
  remove->add_option("USER", out.user, "user@domain")->required();
  CLI::App* list = account->add_subcommand("list", "List all accounts, sorted by their bytes");
  CLI::App* import = account->add_subcommand(
      "import",
      "Make accounts from a file: one that 'account export' or another server wrote (XEP-0227, XML), or CSV: "
      "'user@domain,password', or 'user@domain,mechanism,iterations,salt,stored key,server key' (base64). "
      "Contacts' rosters are not touched: where the account was deleted before, they have to subscribe again");
  import->add_option("FILE", out.file, "The file; - for standard input")->required();
  import
      ->add_option(
          "--file-max", out.file_bytes_max,
          "Most bytes of one file of XML (128MiB), which is read whole; a file that includes others (XInclude) "
          "may be as large as one likes")
      ->transform(CLI::AsSizeValue(false));
  CLI::App* exported =
      account->add_subcommand("export", "Write all that is stored of an account, its keys among it, as XML (XEP-0227)");
  exported->add_option("USER", out.user, "user@domain")->required();
  exported->add_option("FILE", out.file, "Where to; made with mode 0600. Without it, or with -: standard output");
  return {{add, What::account_add},   {password, What::account_password}, {remove, What::account_delete},
          {list, What::account_list}, {import, What::account_import},     {exported, What::account_export}};
}

std::vector<Leaf> add_session_commands(CLI::App& app, IrisctlCommand& out) {
  CLI::App* session = app.add_subcommand("session", "Who is connected: list, end")->require_subcommand(1);
  CLI::App* list = session->add_subcommand("list", "List sessions, of all accounts or of one");
  list->add_option("JID", out.user, "user@domain, or user@domain/resource");
  CLI::App* end = session->add_subcommand("end", "End sessions: their clients are told, and may log in again");
  auto* whose = end->add_option("JID", out.user, "user@domain, or user@domain/resource");
  end->add_flag("--all", out.all, "Everybody's")->excludes(whose);
  end->add_option("--reason", out.reason, "What the clients are told");
  return {{list, What::session_list}, {end, What::session_end}};
}

std::string alternatives(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

// What is wrong with the words, in our own way: the first word that names no command, or an option that is none, with
// what may have been meant. Empty: nothing of that kind. `path` becomes the commands before it.
std::string wrong_word(CLI::App& app, int argc, const char* const* argv, std::string& path) {
  CLI::App* at = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") return "";
    if (word.size() > 1 && word[0] == '-') {
      const std::string name = word.substr(0, word.find('='));
      const CLI::Option* option = at->get_option_no_throw(name);
      for (CLI::App* above = at->get_parent(); option == nullptr && above != nullptr; above = above->get_parent())
        option = above->get_option_no_throw(name);
      if (option == nullptr) {
        std::vector<std::string> names;
        for (const CLI::App* from = at; from != nullptr; from = from->get_parent())
          for (const CLI::Option* one : from->get_options())
            if (!one->get_lnames().empty()) names.push_back("--" + one->get_lnames().front());
        const std::string best = nearest(name, names);
        return "'" + name + "' is no option. " +
               (best.empty() ? "Known are: " + alternatives(names) + "." : "Did you mean '" + best + "'?");
      }
      const bool valued = word.find('=') != std::string::npos;
      if (option->get_expected_max() == 0 && valued) return "'" + name + "' takes no value.";
      if (option->get_expected_max() > 0 && !valued) ++i;
      continue;
    }
    const auto known = at->get_subcommands([](const CLI::App*) { return true; });
    if (known.empty()) return "";  // an argument
    std::vector<std::string> names;
    CLI::App* next = nullptr;
    for (CLI::App* one : known) {
      names.push_back(one->get_name());
      if (one->get_name() == word) next = one;
    }
    if (next == nullptr) {
      const std::string best = nearest(word, names);
      const std::string what = path.empty() ? "command" : "'" + path + "' command";
      return "'" + word + "' is no " + what + ". " +
             (best.empty() ? "There are: " + alternatives(names) + "."
                           : "Did you mean '" + (path.empty() ? "" : path + " ") + best + "'?");
    }
    at = next;
    path += (path.empty() ? "" : " ") + word;
  }
  const auto below = at->get_subcommands([](const CLI::App*) { return true; });
  if (below.empty()) return "";
  std::vector<std::string> names;
  for (const CLI::App* one : below) names.push_back(one->get_name());
  return (path.empty() ? "say what to do" : "say what to do: '" + path + "' and one of") + ": " + alternatives(names) +
         ".";
}

}  // namespace

std::variant<IrisctlCommand, int> parse_irisctl(int argc, const char* const* argv) {
  IrisctlCommand out;
  CLI::App app("Administers a running irisd over the socket in its data folder.", "irisctl");
  app.set_version_flag("--version", kVersion);
  app.add_option("--data", out.data, "The server's data folder")->required();
  app.add_flag("--json", out.json, "Answer in JSON, for programs");
  app.require_subcommand(1);
  app.fallthrough();  // --json may stand at the end

  auto leaves = add_account_commands(app, out);
  for (const Leaf& leaf : add_session_commands(app, out)) leaves.push_back(leaf);
  leaves.push_back({app.add_subcommand("status", "How the server does"), What::status});
  app.footer(
      "Exit codes: 0 done, 1 not all of it was done (the message says why), 2 wrong command line, 3 no irisd runs on\n"
      "the data folder.\n"
      "'irisctl GROUP COMMAND --help' tells more of each.");
  refuse_values_of_flags(app);
  try {
    app.parse(argc, argv);
    for (const Leaf& leaf : leaves)
      if (leaf.app->parsed()) out.what = leaf.what;
    if ((out.what == What::account_add || out.what == What::account_password) && out.password.empty() &&
        !out.password_stdin)
      throw CLI::RequiredError("--password PW or --password-stdin");
    if (out.what == What::session_end && out.user.empty() && !out.all) throw CLI::RequiredError("JID or --all");
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return finish(app, error);
    std::string path;
    std::string wrong = wrong_word(app, argc, argv, path);
    if (wrong.empty()) wrong = std::string(error.what()) + ".";
    std::cerr << "irisctl: " << wrong << "\nRun 'irisctl " << path << (path.empty() ? "" : " ")
              << "--help' for more.\n";
    return static_cast<int>(Exit::usage);
  }
  return out;
}

}  // namespace iris::app
