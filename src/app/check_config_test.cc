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
