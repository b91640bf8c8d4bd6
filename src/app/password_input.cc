#include "app/password_input.h"

#include <termios.h>
#include <unistd.h>
#include <cerrno>

namespace iris::app {
namespace {

// While it lives, a terminal shows nothing of what is typed but the end of the line.
class NotShown {
 public:
  explicit NotShown(int terminal) : terminal_(terminal), is_terminal_(::tcgetattr(terminal, &before_) == 0) {
    if (!is_terminal_) return;
    termios quiet = before_;
    quiet.c_lflag = (quiet.c_lflag & ~tcflag_t{ECHO}) | ECHONL;
    (void)::tcsetattr(terminal_, TCSADRAIN, &quiet);
  }
  ~NotShown() {
    if (is_terminal_) (void)::tcsetattr(terminal_, TCSADRAIN, &before_);
  }
  NotShown(const NotShown&) = delete;
  NotShown& operator=(const NotShown&) = delete;

  bool is_terminal() const { return is_terminal_; }

 private:
  int terminal_;
  termios before_{};
  bool is_terminal_;
};

}  // namespace

std::string read_password(int input, const std::function<void()>& prompt) {
  const NotShown not_shown(input);
  if (not_shown.is_terminal()) prompt();
  std::string line;
  for (char c = 0;;) {
    const auto got = ::read(input, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || c == '\n') break;
    line += c;
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace iris::app
