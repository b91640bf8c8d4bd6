// `irisd --check-config`: what can be known before a start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <fstream>

#include "app/irisd.h"
#include "app/server_for_tests.h"
#include "net/tls.h"

namespace iris::app {
namespace {

using ::testing::HasSubstr;

class CheckConfig : public ServerTest {
 protected:
  // The exit code; what was said is in err_.
  int check(const std::string& path) {
    const char* argv[] = {"irisd", "--check-config", "--config", path.c_str()};
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = irisd_main(4, argv);
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return code;
  }
  void write_config(const std::string& text) { ASSERT_TRUE(write_file(file_, text, 0644)); }
  const std::string file_ = data_ + "/iris.toml", key_ = data_ + "/tls/key.pem", certificate_ = data_ + "/tls/cert.pem";
};

TEST_F(CheckConfig, WhatInitMakesIsGood) {
  EXPECT_EQ(check(file_), 0) << err_;
  EXPECT_EQ(out_, file_ + " is good\n");
}

TEST_F(CheckConfig, ACertificateThatIsNotThereIsNamed) {
  std::filesystem::remove(certificate_);
  EXPECT_EQ(check(file_), 2);
  EXPECT_THAT(err_, HasSubstr(certificate_));
  EXPECT_EQ(out_, "");
}

TEST_F(CheckConfig, AKeyOfAnotherCertificateIsNamed) {
  ASSERT_TRUE(net::make_self_signed({{}, data_ + "/other.pem", key_}));
  EXPECT_EQ(check(file_), 2);
  EXPECT_THAT(err_, HasSubstr(key_ + ", or it is not that of " + certificate_));
}

TEST_F(CheckConfig, AFolderOfTheWebClientThatIsNoneIsNamed) {
  write_config("[http]\nweb = \"nothing\"\n");
  EXPECT_EQ(check(file_), 2);
  EXPECT_THAT(err_, HasSubstr("http.web: " + data_ + "/nothing is not a directory"));
  EXPECT_EQ(out_, "");
}

TEST_F(CheckConfig, SecretsThatOthersCanReadAreNamed) {
  std::filesystem::permissions(data_ + "/secrets", std::filesystem::perms{0644});
  EXPECT_EQ(check(file_), 2);
  EXPECT_THAT(err_, HasSubstr("chmod 600"));
}

TEST_F(CheckConfig, NobodyToListenToIsWarnedOf) {
  write_config("[listen]\nmetrics = [\"127.0.0.1:5225\"]\n");
  EXPECT_EQ(check(file_), 0);
  EXPECT_THAT(err_, HasSubstr("warning: no client can connect"));
  write_config("[listen]\nhttps = [\"127.0.0.1:5225\"]\n");
  EXPECT_EQ(check(file_), 0);
  EXPECT_EQ(err_, "");
}

// While a server has the data, and after it.
TEST_F(CheckConfig, WhatTheDataWasMadeWithCannotBeChanged) {
  write_config("[server]\ndomain = \"example.org\"\npartitions = 8\n");
  EXPECT_EQ(check(file_), 0) << "there is no data yet: " << err_;
  ASSERT_EQ(start(config()), "");
  for (const bool running : {true, false}) {
    if (!running) server_.reset();
    write_config("[server]\ndomain = \"example.org\"\npartitions = 8\n");
    EXPECT_EQ(check(file_), 0) << err_;
    write_config("[server]\ndomain = \"example.com\"\npartitions = 8\n");
    EXPECT_EQ(check(file_), 2);
    EXPECT_THAT(err_, HasSubstr("server.domain is example.com, but the data was made with example.org"));
    write_config("[server]\ndomain = \"example.org\"\npartitions = 9\n");
    EXPECT_EQ(check(file_), 2);
    EXPECT_THAT(err_, HasSubstr("server.partitions is 9, but the data was made with 8"));
  }
}

TEST_F(CheckConfig, WhatIsNotKnownOfTheDataIsSaid) {
  ASSERT_EQ(start(config()), "");
  std::filesystem::remove(data_ + "/deployment");
  EXPECT_EQ(check(file_), 0);
  EXPECT_THAT(err_, HasSubstr("was not checked"));
  server_.reset();
  ASSERT_EQ(start(config()), "");
  EXPECT_EQ(check(file_), 0);
  EXPECT_EQ(err_, "");
}

// A reload takes nothing of a file that the next start would refuse.
TEST_F(CheckConfig, AReloadRefusesWhatTheNextStartWould) {
  ASSERT_EQ(start(config()), "");
  const auto refused = [this](Config fresh) {
    fresh.log_level = base::Level::error;
    const auto changes = server_->reload(fresh);
    return changes ? "" : changes.error().message;
  };
  Config fresh = config();
  fresh.domain = "example.com";
  EXPECT_THAT(refused(fresh), HasSubstr("server.domain is example.com"));
  fresh = config();
  fresh.shard.partitions = 9;
  EXPECT_THAT(refused(fresh), HasSubstr("server.partitions is 9"));
  fresh = config();
  fresh.web = data_ + "/nothing";
  EXPECT_THAT(refused(fresh), HasSubstr("http.web"));
  const auto changes = server_->reload(config());
  ASSERT_TRUE(changes);
  EXPECT_THAT(changes->taken, ::testing::IsEmpty());
}

TEST_F(CheckConfig, OnlyAFileIsRead) {
  ASSERT_EQ(::mkfifo((data_ + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(check("/dev/zero"), 2);
  EXPECT_THAT(err_, HasSubstr("/dev/zero is no regular file"));
  EXPECT_EQ(check(data_ + "/pipe"), 2);  // which nobody writes to
  EXPECT_THAT(err_, HasSubstr("is no regular file"));
  EXPECT_EQ(check(data_), 2);
  EXPECT_THAT(err_, HasSubstr("is a folder"));
}

TEST_F(CheckConfig, AFileWithoutEndIsNotReadWhole) {
  std::ofstream(data_ + "/huge.toml") << "# ";
  std::filesystem::resize_file(data_ + "/huge.toml", std::uintmax_t{1} << 40);
  EXPECT_EQ(check(data_ + "/huge.toml"), 2);
  EXPECT_THAT(err_, HasSubstr("has more than 1048576 bytes"));
}

}  // namespace
}  // namespace iris::app
