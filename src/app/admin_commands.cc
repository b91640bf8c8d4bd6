#include "app/admin_commands.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "app/account_import.h"
#include "auth/accounts.h"
#include "base/check.h"
#include "xmpp/jid.h"

namespace iris::app {
namespace {

using admin::AdminSocket;
using base::Errc;
using base::Error;
using base::Result;
using Json = nlohmann::json;
using Reply = AdminSocket::Reply;
using Outcome = auth::Accounts::Outcome;

constexpr std::size_t kListPage = 500;

std::string text_of(const Json& args, const char* name) {
  const auto found = args.is_object() ? args.find(name) : args.end();
  return found != args.end() && found->is_string() ? found->get<std::string>() : "";
}

// One change of one account, and its answer in words.
class AccountCommands {
 public:
  explicit AccountCommands(const AdminWorld& world)
      : domain_(world.config.domain), accounts_(world.places[0]->edge().accounts()) {}

  void add(const std::string& text, Reply reply) {
    change(text, std::move(reply), [this](std::string bare, std::string password, auth::Accounts::Done done) {
      accounts_.create(std::move(bare), std::move(password), std::move(done));
    });
  }
  void set_password(const std::string& text, Reply reply) {
    change(text, std::move(reply), [this](std::string bare, std::string password, auth::Accounts::Done done) {
      accounts_.set_password(std::move(bare), std::move(password), std::move(done));
    });
  }
  void remove(const std::string& text, Reply reply) {
    change(text, std::move(reply), [this](std::string bare, std::string, auth::Accounts::Done done) {
      accounts_.remove(std::move(bare), std::move(done));
    });
  }
  void import(const std::string& text, Reply reply) {
    const Json args = Json::parse(text, nullptr, false);
    std::vector<ImportJob> jobs;
    for (const Json& one : args.is_object() ? args.value("accounts", Json::array()) : Json::array())
      jobs.push_back(read_import_job(one, domain_));
    import_accounts(accounts_, std::move(jobs),
                    [reply = std::move(reply)](std::vector<ImportProblem> problems) mutable {
                      Json failed = Json::array();
                      for (const auto& problem : problems)
                        failed.push_back({{"line", problem.line}, {"error", problem.reason}});
                      reply(Json{{"failed", failed}}.dump());
                    });
  }

 private:
  template <typename Change>
  void change(const std::string& text, Reply reply, Change&& what) {
    const Json args = Json::parse(text, nullptr, false);
    auto bare = local_account(text_of(args, "user"), domain_);
    if (!bare) return reply(bare.error());
    std::string user = *bare;
    what(*bare, text_of(args, "password"),
         [user = std::move(user), reply = std::move(reply)](Result<Outcome> outcome) mutable {
           if (auto problem = problem_of(outcome, user)) return reply(*std::move(problem));
           reply(Json{{"user", user}}.dump());
         });
  }

  const std::string domain_;
  auth::Accounts& accounts_;
};

// The store's state table holds accounts that were deleted, too: those have no "account" row.
struct Listing {
  std::vector<std::string> keys;
  std::size_t left = 0;
  std::vector<bool> is_account;
  std::optional<Error> error;
  Reply reply;

  void finish() {
    if (error) return reply(*error);
    Json accounts = Json::array();
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (is_account[i]) accounts.push_back(keys[i]);
    reply(Json{{"accounts", accounts}, {"next", keys.size() < kListPage ? "" : keys.back()}}.dump());
  }
};

void list_accounts(store::Store& store, io::Loop& loop, const std::string& text, Reply reply) {
  store.keys(store::Table::state, text_of(Json::parse(text, nullptr, false), "after"), kListPage, loop,
             [&store, &loop, reply = std::move(reply)](Result<std::vector<std::string>> keys) mutable {
               if (!keys) return reply(keys.error());
               auto listing = std::make_shared<Listing>();
               listing->keys = std::move(keys).value();
               listing->left = listing->keys.size();
               listing->is_account.resize(listing->left);
               listing->reply = std::move(reply);
               if (listing->left == 0) return listing->finish();
               for (std::size_t i = 0; i < listing->keys.size(); ++i)
                 store.read(store::Table::state, listing->keys[i], "account", loop,
                            [listing, i](Result<std::optional<store::Row>> row) {
                              if (!row)
                                listing->error = row.error();
                              else
                                listing->is_account[i] = row->has_value();
                              if (--listing->left == 0) listing->finish();
                            });
             });
}

}  // namespace

void add_admin_commands(AdminSocket& socket, AdminWorld world) {
  IRIS_CHECK(!world.places.empty());
  auto accounts = std::make_shared<AccountCommands>(world);
  io::Loop& loop = world.places[0]->loop();
  socket.add_command("account-add",
                     [accounts](const std::string& args, Reply reply) { accounts->add(args, std::move(reply)); });
  socket.add_command("account-password", [accounts](const std::string& args, Reply reply) {
    accounts->set_password(args, std::move(reply));
  });
  socket.add_command("account-delete",
                     [accounts](const std::string& args, Reply reply) { accounts->remove(args, std::move(reply)); });
  socket.add_command("account-import",
                     [accounts](const std::string& args, Reply reply) { accounts->import(args, std::move(reply)); });
  socket.add_command("account-list", [world, &loop](const std::string& args, Reply reply) {
    list_accounts(world.store, loop, args, std::move(reply));
  });
}

}  // namespace iris::app
