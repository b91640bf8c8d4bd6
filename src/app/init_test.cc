#include "app/init.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <filesystem>

#include "app/config_file.h"
#include "app/data_lock.h"
#include "app/files.h"
#include "app/secrets.h"
#include "io/system_random.h"

namespace iris::app {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class Init : public ::testing::Test {
 protected:
  Init() {
    std::string pattern = (std::filesystem::temp_directory_path() / "iris-init-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    data_ = root_ + "/data";
  }
  ~Init() override { std::filesystem::remove_all(root_); }
  unsigned mode(const std::string& path) {
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0 ? facts.st_mode & 0777 : 0;
  }
  std::string root_, data_;
};

TEST_F(Init, MakesAFolderThatAServerCanStartOn) {
  ASSERT_TRUE(init({.data = data_, .base_port = 7000, .registration = "loopback"}));
  EXPECT_EQ(mode(data_), 0700u);
  EXPECT_EQ(mode(data_ + "/secrets"), 0600u);
  EXPECT_EQ(mode(data_ + "/tls/key.pem"), 0600u);
  auto loaded = load_config(data_ + "/iris.toml");
  ASSERT_TRUE(std::holds_alternative<Config>(loaded)) << std::get<ConfigProblems>(loaded)[0].to_string();
  const Config& config = std::get<Config>(loaded);
  EXPECT_EQ(config.data, data_);
  EXPECT_EQ(config.listen.starttls[0].to_string(), "127.0.0.1:7000");
  EXPECT_EQ(config.listen.https[0].to_string(), "127.0.0.1:7004");
  EXPECT_EQ(config.edge.registration, edge::Registration::loopback);
  EXPECT_TRUE(exists(config.certificate));
}

TEST_F(Init, KeepsWhatIsThere) {
  ASSERT_TRUE(init({.data = data_, .base_port = 7000}));
  const auto secrets = read_file(data_ + "/secrets"), key = read_file(data_ + "/tls/key.pem");
  auto told = init({.data = data_, .base_port = 8000});
  ASSERT_TRUE(told);
  EXPECT_THAT(told->front(), HasSubstr("kept"));
  EXPECT_THAT(told->front(), HasSubstr("differs"));
  EXPECT_EQ(*read_file(data_ + "/secrets"), *secrets);
  EXPECT_EQ(*read_file(data_ + "/tls/key.pem"), *key);
  EXPECT_THAT(*read_file(data_ + "/iris.toml"), HasSubstr("127.0.0.1:7000"));
}

TEST_F(Init, SaysWhatToBackUpAndWhatComesNext) {
  auto told = init({.data = data_});
  ASSERT_TRUE(told);
  EXPECT_THAT(*told, Contains(HasSubstr("made " + data_ + "/secrets (back it up")));
  EXPECT_EQ(told->back(), "next: irisd --config " + data_ + "/iris.toml");
  told = init({.data = data_});
  ASSERT_TRUE(told);
  EXPECT_THAT(*told, Contains(HasSubstr("kept " + data_ + "/secrets")));
}

TEST_F(Init, RefusesWhatCannotBe) {
  EXPECT_FALSE(init({.data = data_, .base_port = 65532}));
  EXPECT_FALSE(init({.data = data_, .base_port = 0}));
  EXPECT_FALSE(init({.data = data_, .base_port = -1}));
  EXPECT_FALSE(init({.data = data_, .base_port = 70'000}));
  EXPECT_FALSE(init({.data = data_, .domain = "not a domain"}));
  EXPECT_THAT(init({.data = data_, .web = root_ + "/nothing"}).error().message, HasSubstr("/nothing is no folder"));
  EXPECT_FALSE(exists(data_));
}

TEST_F(Init, PathsWithQuotesAreWrittenSoThatTheyAreReadBack) {
  const std::string odd = root_ + "/we\"b\\";
  std::filesystem::create_directory(odd);
  ASSERT_TRUE(init({.data = data_, .web = odd}));
  auto loaded = load_config(data_ + "/iris.toml");
  ASSERT_TRUE(std::holds_alternative<Config>(loaded));
  EXPECT_EQ(std::get<Config>(loaded).web, odd);
}

TEST_F(Init, SecretsAreMadeOnceAndGuarded) {
  ASSERT_TRUE(make_folder(data_, 0700));
  EXPECT_EQ(read_secrets(data_).error().code, base::Errc::not_found);
  auto made = read_or_make_secrets(data_, io::system_random());
  ASSERT_TRUE(made);
  auto again = read_or_make_secrets(data_, io::system_random());
  ASSERT_TRUE(again);
  EXPECT_EQ(made->archive_key, again->archive_key);
  EXPECT_EQ(made->edge_key, again->edge_key);
  ASSERT_EQ(::chmod((data_ + "/secrets").c_str(), 0644), 0);
  EXPECT_THAT(read_secrets(data_).error().message, HasSubstr("chmod 600"));
  ASSERT_TRUE(write_file(data_ + "/secrets", "archive-key 00\n", 0600));
  EXPECT_THAT(read_or_make_secrets(data_, io::system_random()).error().message, HasSubstr("damaged"));
}

TEST_F(Init, OneServerPerFolder) {
  ASSERT_TRUE(make_folder(data_, 0700));
  auto first = DataLock::take(data_);
  ASSERT_TRUE(first);
  EXPECT_EQ(running_pid(data_), ::getpid());
  auto second = DataLock::take(data_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Errc::already_exists);
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(::getpid())));
  EXPECT_EQ(running_pid(data_), ::getpid()) << "the loser must not touch the winner's pid file";
  first = base::Error{base::Errc::closed, ""};
  EXPECT_FALSE(exists(data_ + "/irisd.pid"));
  EXPECT_TRUE(DataLock::take(data_));
}

}  // namespace
}  // namespace iris::app
