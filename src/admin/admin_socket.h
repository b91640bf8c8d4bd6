// The local door for irisctl: a unix socket, mode 0600, one line of JSON per request and per answer.
//
//   request: {"command":"account-add","args":{"jid":"juliet@example.org"}}
//   answer:  {"ok":true,"result":{…}}     or  {"ok":false,"code":"not_found","error":"no such account"}
//
// Who may open the socket may do everything: its directory's and its own permissions are the guard.
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/callback.h"
#include "base/result.h"
#include "base/time.h"
#include "io/loop.h"

namespace iris::net {
class Listener;
}

namespace iris::admin {

struct AdminSocketOptions {
  std::string path;                                  // an old socket file there is replaced, any other file is not
  std::size_t request_bytes_max = 16 * 1024 * 1024;  // a line; an import of many accounts comes in several requests
  std::size_t connections_max = 16;
};

// Lives on one EpollLoop; commands run there.
class AdminSocket {
 public:
  // The result is a JSON value as text ("{}", "[1,2]"), or an Error whose message is for the operator.
  using Reply = base::Callback<void(base::Result<std::string>)>;
  // `args` is a JSON object as text. Must call `reply` once, on the loop, now or later; a dropped Reply answers
  // "unavailable". The requests of one connection are answered one after the other.
  using Command = std::function<void(const std::string& args, Reply reply)>;

  AdminSocket(io::Loop& loop, AdminSocketOptions options);
  ~AdminSocket();  // on the loop's thread, or when it has stopped; removes the file

  void add_command(std::string name, Command command);  // before start()
  base::Status start();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// For irisctl: sends one request and waits for the answer. Blocks; not for a loop. `args` and the result are JSON as
// text. Errc::unavailable if no server listens there, else the server's error.
base::Result<std::string> admin_call(const std::string& path, const std::string& command, const std::string& args,
                                     base::Duration timeout = std::chrono::seconds{60});

}  // namespace iris::admin
