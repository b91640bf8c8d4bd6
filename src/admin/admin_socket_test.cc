#include "admin/admin_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "admin/admin_protocol.h"
#include "base/log.h"
#include "io/loop_pool.h"

namespace iris::admin {
namespace {

using base::Errc;
using base::Error;

class AdminSocketTest : public ::testing::Test {
 protected:
  AdminSocketTest() {
    directory_ = std::filesystem::temp_directory_path() / ("iris-admin-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
    path = directory_ / "admin.sock";
    socket = std::make_unique<AdminSocket>(pool.at(0), AdminSocketOptions{.path = path, .request_bytes_max = 1000});
    socket->add_command("echo", [](const std::string& args, AdminSocket::Reply reply) { reply(args); });
    socket->add_command("fail", [](const std::string&, AdminSocket::Reply reply) {
      reply(Error{Errc::already_exists, "the account exists"});
    });
    socket->add_command("forget", [](const std::string&, AdminSocket::Reply) {});
    socket->add_command("later", [this](const std::string&, AdminSocket::Reply reply) {
      pool.at(0).after(std::chrono::milliseconds(5),
                       [reply = std::move(reply)]() mutable { reply(std::string("[1,2]")); });
    });
  }
  void start() {
    const base::Status started = socket->start();
    ASSERT_TRUE(started) << started.error().message;
    pool.start();
  }
  ~AdminSocketTest() override {
    pool.stop();
    socket.reset();
    std::filesystem::remove_all(directory_);
  }

  // Sends bytes as they are, and returns all that comes until the server hangs up or `lines` lines have come.
  std::string talk(std::string_view bytes, int lines) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    std::string all;
    char byte;
    while (std::ranges::count(all, '\n') < lines && ::recv(fd, &byte, 1, 0) == 1) all += byte;
    ::close(fd);
    return all;
  }

  std::filesystem::path directory_;
  std::string path;
  io::LoopPool pool{1};
  std::unique_ptr<AdminSocket> socket;
};

TEST_F(AdminSocketTest, ACommandIsAnswered) {
  start();
  const auto answer = admin_call(path, "echo", R"({"jid":"juliet@example.org","n":[1,2]})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, R"({"jid":"juliet@example.org","n":[1,2]})");
  EXPECT_EQ(admin_call(path, "later", "").value(), "[1,2]");
}

TEST_F(AdminSocketTest, ErrorsKeepTheirCode) {
  start();
  const auto failed = admin_call(path, "fail", "{}");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::already_exists);
  EXPECT_EQ(failed.error().message, "the account exists");
  EXPECT_EQ(admin_call(path, "nonsense", "{}").error().code, Errc::not_found);
  EXPECT_EQ(admin_call(path, "echo", "not json").error().code, Errc::invalid);
  EXPECT_EQ(admin_call(path, "forget", "{}").error().code, Errc::unavailable);
}

TEST_F(AdminSocketTest, OnlyTheOwnerMayOpenIt) {
  start();
  struct stat mode {};
  ASSERT_EQ(stat(path.c_str(), &mode), 0);
  EXPECT_EQ(mode.st_mode & 0777, 0600u);
}

TEST_F(AdminSocketTest, RequestsOnOneConnectionAreAnsweredInOrder) {
  start();
  EXPECT_EQ(talk("{\"command\":\"later\"}\n{\"command\":\"echo\",\"args\":{}}\nwhat?\n", 3),
            "{\"ok\":true,\"result\":[1,2]}\n{\"ok\":true,\"result\":{}}\n" +
                write_answer(read_request("what?").error()) + "\n");
}

TEST_F(AdminSocketTest, TheLogSaysWhomACommandIsAboutAndNoSecret) {
  start();
  ::testing::internal::CaptureStderr();
  for (const char* args : {R"({"user":"juliet\nx","password":"secret"})", R"({"jid":"romeo@localhost/orchard"})",
                           R"({"jid":"","all":true})", R"({"accounts":[{"user":"nurse","password":"secret"}]})",
                           R"({"accounts":[{"user":"a"},{"user":"b"}]})", "{}"})
    EXPECT_TRUE(admin_call(path, "echo", args));
  base::flush_log();
  const std::string log = ::testing::internal::GetCapturedStderr();
  for (const char* line : {"command=echo whose=\"juliet\\nx\"\n", "whose=romeo@localhost/orchard\n", "whose=all\n",
                           "whose=nurse\n", "whose=\"2 accounts\"\n", "command=echo\n"})
    EXPECT_NE(log.find(line), std::string::npos) << line << log;
  EXPECT_EQ(log.find("secret"), std::string::npos) << log;
}

TEST_F(AdminSocketTest, WhomACommandIsAboutIsCutShort) {
  const auto request = read_request(R"({"command":"c","args":{"user":")" + std::string(5000, 'x') + "\"}}");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->whose, std::string(200, 'x'));
}

TEST_F(AdminSocketTest, ALineWithoutEndIsCutOff) {
  start();
  const std::string answer = talk(std::string(2000, 'x'), 2);
  EXPECT_NE(answer.find("too long"), std::string::npos) << answer;
}

TEST_F(AdminSocketTest, WithoutAServerTheCallSaysSo) {
  const auto answer = admin_call(path, "echo", "{}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unavailable);
}

TEST_F(AdminSocketTest, AnOldSocketFileIsReplacedAndTheFileGoesWithTheServer) {
  {
    AdminSocket other(pool.at(0), {.path = path});
    ASSERT_TRUE(other.start());
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(fd);  // as kill -9 leaves it
  start();
  EXPECT_TRUE(admin_call(path, "echo", "{}"));
}

TEST(AdminProtocol, TextThatIsNotUtf8DoesNotBreakTheLine) {
  const std::string line = write_answer(Error{Errc::invalid, "bad \xff name\nwith a line"});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_FALSE(read_answer(line));
  EXPECT_EQ(read_answer("{}").error().code, Errc::corrupt);
  EXPECT_EQ(read_answer("[]").error().code, Errc::corrupt);
}

}  // namespace
}  // namespace iris::admin
