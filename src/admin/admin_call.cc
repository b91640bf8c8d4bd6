// admin_call() of admin_socket.h: irisctl's side.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "admin/admin_protocol.h"
#include "admin/admin_socket.h"

namespace iris::admin {
namespace {

using base::Errc;
using base::Error;

struct Socket {
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
};

Error failed(const std::string& path, const char* what) {
  const bool slow = errno == EAGAIN || errno == EWOULDBLOCK;
  return {slow ? Errc::unknown_outcome : Errc::unavailable,
          "no answer from the server at " + path + ": " + what + ": " + (slow ? "timeout" : std::strerror(errno))};
}

void set_timeout(int fd, base::Duration timeout) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timeval span{seconds.count(), (timeout - seconds).count()};
  (void)::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &span, sizeof span);  // without it we wait longer, no harm
  (void)::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &span, sizeof span);
}

}  // namespace

base::Result<std::string> admin_call(const std::string& path, const std::string& command, const std::string& args,
                                     base::Duration timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Error{Errc::invalid, "the path " + path + " is too long"};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const Socket socket;
  if (socket.fd < 0) return failed(path, "socket");
  set_timeout(socket.fd, timeout);
  if (::connect(socket.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return Error{Errc::unavailable, "no server is running at " + path + ": " + std::strerror(errno)};
  }
  const std::string request = write_request({command, args}) + '\n';
  for (std::size_t at = 0; at < request.size();) {
    const ssize_t n = ::send(socket.fd, request.data() + at, request.size() - at, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, "send");
    at += static_cast<std::size_t>(n);
  }
  std::string answer;
  char piece[16 * 1024];
  while (!answer.ends_with('\n')) {
    const ssize_t n = ::recv(socket.fd, piece, sizeof piece, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, "receive");
    if (n == 0) return Error{Errc::unknown_outcome, "the server at " + path + " hung up before it had answered"};
    answer.append(piece, static_cast<std::size_t>(n));
  }
  answer.pop_back();
  return read_answer(answer);
}

}  // namespace iris::admin
