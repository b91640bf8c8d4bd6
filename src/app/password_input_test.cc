#include "app/password_input.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>
#include <array>

namespace iris::app {
namespace {

void put(int file, std::string_view text) {
  ASSERT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

// All that the terminal shows, up to the end of a line.
std::string shown(int terminal) {
  std::string text;
  pollfd ready{.fd = terminal, .events = POLLIN, .revents = 0};
  for (char c = 0; c != '\n' && ::poll(&ready, 1, 10'000) == 1 && ::read(terminal, &c, 1) == 1;) text += c;
  return text;
}

bool shows(int terminal) {
  termios now{};
  return ::tcgetattr(terminal, &now) == 0 && (now.c_lflag & ECHO) != 0;
}

TEST(PasswordInput, ATerminalAsksAndDoesNotShowIt) {
  int person = -1, program = -1;
  ASSERT_EQ(::openpty(&person, &program, nullptr, nullptr, nullptr), 0);
  ASSERT_TRUE(shows(program));
  EXPECT_EQ(read_password(program,
                          [&] {
                            EXPECT_FALSE(shows(program));
                            put(person, "s3cret word\n");
                          }),
            "s3cret word");
  EXPECT_EQ(shown(person), "\r\n");
  EXPECT_TRUE(shows(program));
  ::close(person);
  ::close(program);
}

TEST(PasswordInput, APipeIsReadToTheEndOfItsFirstLine) {
  for (const std::string_view text : {"pass word\nrest", "pass word\r\n", "pass word"}) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    put(ends[1], text);
    ::close(ends[1]);
    EXPECT_EQ(read_password(ends[0], [] { FAIL() << "nobody is there to be asked"; }), "pass word");
    ::close(ends[0]);
  }
}

}  // namespace
}  // namespace iris::app
