#include "auth/credentials.h"

#include <optional>
#include <string_view>
#include <utility>

#include "record/record.pb.h"

namespace iris::auth {
namespace {

using base::Result;
using xmpp::ScramHash;
using xmpp::ScramKeys;

std::optional<ScramKeys> find_keys(const record::AccountRow& row, ScramHash hash) {
  for (const auto& keys : row.keys())
    if (keys.mechanism() == xmpp::mechanism_name(hash))
      return ScramKeys{keys.salt(), keys.iterations(), keys.stored_key(), keys.server_key()};
  return std::nullopt;
}

Result<Credentials::Lookup> read_row(const Result<std::optional<store::Row>>& row, std::string_view bare,
                                     ScramHash hash, std::string_view secret, std::uint32_t iterations) {
  if (!row) return row.error();
  if (*row) {
    record::AccountRow account;
    if (!account.ParseFromString((*row)->value))
      return base::Error{base::Errc::corrupt, "an account row cannot be read"};
    if (auto keys = find_keys(account, hash)) return Credentials::Lookup{true, *std::move(keys)};
  }
  return Credentials::Lookup{false, xmpp::decoy_keys(hash, bare, secret, iterations)};
}

}  // namespace

Credentials::Credentials(store::Store& store, io::Loop& loop, io::Worker* worker, std::string secret,
                         std::uint32_t iterations)
    : store_(store), loop_(loop), worker_(worker), secret_(std::move(secret)), iterations_(iterations) {}

void Credentials::keys(std::string bare, ScramHash hash, base::Callback<void(Result<Lookup>)> done) {
  std::string key = bare;
  store_.read(
      store::Table::state, std::move(key), "account", loop_,
      [this, bare = std::move(bare), hash, done = std::move(done)](Result<std::optional<store::Row>> row) mutable {
        done(read_row(row, bare, hash, secret_, iterations_));
      });
}

void Credentials::verify(std::string bare, std::string password, base::Callback<void(Result<bool>)> done) {
  keys(std::move(bare), ScramHash::sha256,
       [this, password = std::move(password), done = std::move(done)](Result<Lookup> found) mutable {
         if (!found) return done(found.error());
         // Made-up keys are tried too: it takes as long.
         on_worker<bool>(
             worker_, loop_,
             [keys = std::move(found->keys), password = std::move(password)] {
               return xmpp::matches_password(ScramHash::sha256, keys, password);
             },
             std::move(done));
       });
}

}  // namespace iris::auth
