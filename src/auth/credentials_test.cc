#include "auth/credentials.h"

#include <gtest/gtest.h>

#include <optional>

#include "auth/accounts.h"
#include "io/sim_loop.h"
#include "record/record.pb.h"
#include "store/sim_store.h"

namespace iris::auth {
namespace {

using namespace std::chrono_literals;
using xmpp::ScramHash;

class CredentialsTest : public testing::Test {
 protected:
  void put(const std::string& bare, const std::string& value) {
    store.write({{store::Table::state, bare, "account", value, {1}}}, loop,
                [](base::Status status) { ASSERT_TRUE(status); });
    world.run_for(50ms);
  }
  void make_account(const std::string& bare, const std::string& password) {
    record::AccountRow row;
    for (auto& keys : make_keys(password, 4096, "salt of sha-1   ", "salt of sha-256 ")) *row.add_keys() = keys;
    put(bare, row.SerializeAsString());
  }
  base::Result<Credentials::Lookup> keys(const std::string& bare, ScramHash hash) {
    std::optional<base::Result<Credentials::Lookup>> out;
    credentials.keys(bare, hash, [&](auto found) { out = std::move(found); });
    EXPECT_FALSE(out) << "completed inside the call";
    world.run_for(50ms);
    return out.value();
  }
  base::Result<bool> verify(const std::string& bare, const std::string& password) {
    std::optional<base::Result<bool>> out;
    credentials.verify(bare, password, [&](auto matches) { out = std::move(matches); });
    world.run_for(50ms);
    return out.value();
  }

  io::SimWorld world;
  io::SimLoop& loop = world.add_loop("auth");
  store::SimStore store{world, {}};
  Credentials credentials{store, loop, nullptr, "a secret"};
};

// A stranger would tell them apart by the count otherwise.
TEST_F(CredentialsTest, MadeUpKeysHaveTheIterationsOfNewAccounts) {
  Credentials strict{store, loop, nullptr, "a secret", 20'000};
  std::optional<base::Result<Credentials::Lookup>> out;
  strict.keys("nobody@localhost", ScramHash::sha256, [&](auto found) { out = std::move(found); });
  world.run_for(50ms);
  ASSERT_TRUE(out && *out);
  EXPECT_FALSE((*out)->exists);
  EXPECT_EQ((*out)->keys.iterations, 20'000u);
}

TEST_F(CredentialsTest, GivesTheKeysOfEachHash) {
  make_account("romeo@localhost", "secret");
  const auto sha1 = keys("romeo@localhost", ScramHash::sha1);
  const auto sha256 = keys("romeo@localhost", ScramHash::sha256);
  ASSERT_TRUE(sha1 && sha256);
  EXPECT_TRUE(sha1->exists);
  EXPECT_EQ(sha1->keys.salt, "salt of sha-1   ");
  EXPECT_EQ(sha256->keys.salt, "salt of sha-256 ");
  EXPECT_EQ(sha256->keys.iterations, 4096u);
}

TEST_F(CredentialsTest, AnUnknownAccountGetsKeysThatStayTheSame) {
  const auto first = keys("nobody@localhost", ScramHash::sha256);
  const auto second = keys("nobody@localhost", ScramHash::sha256);
  const auto other = keys("nobody.else@localhost", ScramHash::sha256);
  ASSERT_TRUE(first && second && other);
  EXPECT_FALSE(first->exists);
  EXPECT_FALSE(first->keys.salt.empty());
  EXPECT_EQ(first->keys.salt, second->keys.salt);
  EXPECT_NE(first->keys.salt, other->keys.salt);
}

TEST_F(CredentialsTest, VerifiesAPassword) {
  make_account("romeo@localhost", "secret");
  EXPECT_TRUE(verify("romeo@localhost", "secret").value());
  EXPECT_FALSE(verify("romeo@localhost", "Secret").value());
  EXPECT_FALSE(verify("nobody@localhost", "secret").value());
}

TEST_F(CredentialsTest, AStoreThatFailsIsAnErrorAndNoLogin) {
  make_account("romeo@localhost", "secret");
  store.options().down = true;
  EXPECT_EQ(keys("romeo@localhost", ScramHash::sha256).error().code, base::Errc::unavailable);
  EXPECT_EQ(verify("romeo@localhost", "secret").error().code, base::Errc::unavailable);
}

TEST_F(CredentialsTest, ABrokenRowIsAnErrorAndNoLogin) {
  put("romeo@localhost", "\xff\xff\xff");
  EXPECT_EQ(verify("romeo@localhost", "secret").error().code, base::Errc::corrupt);
}

TEST(MakeKeys, RefusesWhatCannotBeAPassword) {
  EXPECT_TRUE(make_keys("", 4096, "salt", "salt").empty());
  EXPECT_EQ(make_keys("secret", 4096, "salt", "salt").size(), 2u);
}

}  // namespace
}  // namespace iris::auth
