#include "auth/accounts.h"

#include <memory>
#include <utility>

#include "auth/credentials.h"
#include "record/codec.h"
#include "record/partition.h"
#include "xmpp/scram.h"

namespace iris::auth {

using base::Errc;
using base::Error;
using base::Result;

namespace {
constexpr const char* kNoPassword =
    "this cannot be a password: it is empty, longer than 1024 bytes, or has characters that none may have, such as "
    "control characters (RFC 8265 §4.2)";
}  // namespace

std::vector<record::ScramKeys> make_keys(std::string_view password, std::uint32_t iterations,
                                         std::string_view salt_sha1, std::string_view salt_sha256) {
  std::vector<record::ScramKeys> out;
  for (auto hash : {xmpp::ScramHash::sha1, xmpp::ScramHash::sha256}) {
    auto keys = xmpp::derive_keys(hash, password, hash == xmpp::ScramHash::sha1 ? salt_sha1 : salt_sha256, iterations);
    if (!keys) return {};
    record::ScramKeys& row = out.emplace_back();
    row.set_mechanism(std::string(xmpp::mechanism_name(hash)));
    row.set_salt(keys->salt);
    row.set_iterations(keys->iterations);
    row.set_stored_key(keys->stored_key);
    row.set_server_key(keys->server_key);
  }
  return out;
}

Accounts::Accounts(log::Log& log, io::Loop& loop, io::Worker* worker, bus::Address self, AccountsOptions options)
    : log_(log),
      loop_(loop),
      worker_(worker),
      self_(std::move(self)),
      options_(options),
      next_request_(loop.random().next()) {}

void Accounts::create(std::string bare, std::string password, Done done) {
  change(record::AccountChange::CREATE, std::move(bare), std::move(password), std::move(done));
}

void Accounts::set_password(std::string bare, std::string password, Done done) {
  change(record::AccountChange::SET_KEYS, std::move(bare), std::move(password), std::move(done));
}

void Accounts::remove(std::string bare, Done done) {
  record::AccountChange change;
  change.set_change(record::AccountChange::REMOVE);
  append(std::move(bare), std::move(change), std::move(done));
}

void Accounts::create_with_keys(std::string bare, std::vector<record::ScramKeys> keys, Done done) {
  record::AccountChange change;
  change.set_change(record::AccountChange::CREATE);
  for (auto& key : keys) *change.add_keys() = std::move(key);
  append(std::move(bare), std::move(change), std::move(done));
}

void Accounts::change(record::AccountChange::Change what, std::string bare, std::string password, Done done) {
  using Keys = std::vector<record::ScramKeys>;
  on_worker<Keys>(
      worker_, loop_,
      [password = std::move(password), iterations = options_.scram_iterations, first = salt(), second = salt()] {
        return make_keys(password, iterations, first, second);
      },
      [this, what, bare = std::move(bare), done = std::move(done)](Result<Keys> keys) mutable {
        if (!keys) return done(keys.error());
        if (keys->empty()) return done(Error{Errc::invalid, kNoPassword});
        record::AccountChange change;
        change.set_change(what);
        for (auto& key : *keys) *change.add_keys() = std::move(key);
        append(std::move(bare), std::move(change), std::move(done));
      });
}

void Accounts::append(std::string bare, record::AccountChange change, Done done) {
  if (open_.size() >= options_.open_max)
    return loop_.post([done = std::move(done)]() mutable {
      done(Error{Errc::overloaded, "too many account changes wait for an answer"});
    });
  const std::uint64_t request = ++next_request_;
  change.set_request(request);
  change.mutable_reply_to()->set_node(self_.node);
  change.mutable_reply_to()->set_loop(self_.loop);
  record::Record record;
  record.set_time(static_cast<std::uint64_t>(loop_.clock().wall().time_since_epoch().count()));
  record.set_entity(bare);
  *record.mutable_account_change() = std::move(change);
  auto timeout = loop_.after(options_.answer_timeout, [this, request] {
    finish(request, Error{Errc::unknown_outcome, "the account's shard has not answered"});
  });
  open_.emplace(request, Open{std::move(done), timeout});
  log_.append(record::partition_of(bare, log_.partitions()), record::encode(std::move(record)), loop_,
              [this, request](Result<base::Offset> offset) {
                if (!offset) finish(request, offset.error());
              });
}

void Accounts::on_bus(const record::AccountChanged& changed) { finish(changed.request(), changed.outcome()); }

void Accounts::finish(std::uint64_t request, Result<Outcome> outcome) {
  auto node = open_.extract(request);
  if (!node) return;
  loop_.cancel(node.mapped().timeout);
  node.mapped().done(std::move(outcome));
}

// RFC 5802 §5.1 leaves the length open; 16 bytes are never the same twice.
std::string Accounts::salt() {
  std::string out;
  for (int word = 0; word < 2; ++word)
    for (std::uint64_t bits = loop_.random().next(), i = 0; i < 8; ++i, bits >>= 8)
      out.push_back(static_cast<char>(bits & 0xff));
  return out;
}

}  // namespace iris::auth
