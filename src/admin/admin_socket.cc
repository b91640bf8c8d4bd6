#include "admin/admin_socket.h"

#include <utility>

#include "admin/admin_protocol.h"
#include "base/check.h"
#include "base/log.h"
#include "net/listener.h"

namespace iris::admin {
namespace {

using base::Errc;
using base::Error;
using Commands = std::map<std::string, AdminSocket::Command, std::less<>>;

// One irisctl. Its requests are answered one after the other; while one is under way nothing more is read.
class Conversation final : public net::ConnectionHandler, public std::enable_shared_from_this<Conversation> {
 public:
  Conversation(std::shared_ptr<net::Connection> connection, std::shared_ptr<const Commands> commands,
               std::size_t request_bytes_max)
      : connection_(std::move(connection)), commands_(std::move(commands)), request_bytes_max_(request_bytes_max) {}

  void on_data(std::string_view bytes) override {
    input_ += bytes;
    next();
  }
  void on_closed(net::CloseReason) override { connection_ = nullptr; }

 private:
  // Answers the request when it ends, if nobody has.
  struct Pending {
    explicit Pending(std::weak_ptr<Conversation> c) : conversation(std::move(c)) {}
    ~Pending() { answer(Error{Errc::unavailable, "the command ended without an answer"}); }
    void answer(base::Result<std::string> result) {
      if (const auto target = std::exchange(conversation, {}).lock()) target->answer(std::move(result));
    }
    std::weak_ptr<Conversation> conversation;
  };

  void next() {
    if (busy_ || connection_ == nullptr) return;
    const std::size_t end = input_.find('\n', searched_);
    if (end == std::string::npos) {
      searched_ = input_.size();
      if (input_.size() > request_bytes_max_) {
        connection_->write(write_answer(Error{Errc::invalid, "the request is too long"}) + '\n');
        connection_->close(net::CloseMode::graceful);
        return;
      }
      connection_->resume_reading();
      return;
    }
    const std::string line = input_.substr(0, end);
    input_.erase(0, end + 1);
    searched_ = 0;
    busy_ = true;
    connection_->pause_reading();
    run(line);
  }

  void run(const std::string& line) {
    const auto pending = std::make_shared<Pending>(weak_from_this());
    const auto request = read_request(line);
    if (!request) return pending->answer(request.error());
    const auto command = commands_->find(request->command);
    if (command == commands_->end()) {
      return pending->answer(Error{Errc::not_found, "there is no command '" + request->command + "'"});
    }
    // Arguments may hold a password, so they are not logged, but for whom it is about.
    if (request->whose.empty())
      base::log(base::Level::info, "admin command", {{"command", request->command}});
    else
      base::log(base::Level::info, "admin command", {{"command", request->command}, {"whose", request->whose}});
    command->second(request->args, [pending](base::Result<std::string> result) { pending->answer(std::move(result)); });
  }

  void answer(const base::Result<std::string>& result) {
    if (connection_ == nullptr) return;
    connection_->write(write_answer(result) + '\n');
    // On a later turn: a command may answer at once, and thousands of them must not nest.
    connection_->loop().post([self = shared_from_this()] {
      self->busy_ = false;
      self->next();
    });
  }

  std::shared_ptr<net::Connection> connection_;
  const std::shared_ptr<const Commands> commands_;
  const std::size_t request_bytes_max_;
  std::string input_;
  std::size_t searched_ = 0;  // no end of line before here
  bool busy_ = false;
};

}  // namespace

struct AdminSocket::State {
  State(io::Loop& l, AdminSocketOptions o) : loop(l), options(std::move(o)) {}
  io::Loop& loop;
  const AdminSocketOptions options;
  std::shared_ptr<Commands> commands = std::make_shared<Commands>();
  std::unique_ptr<net::Listener> listener;
};

AdminSocket::AdminSocket(io::Loop& loop, AdminSocketOptions options)
    : state_(std::make_shared<State>(loop, std::move(options))) {}

AdminSocket::~AdminSocket() = default;

void AdminSocket::add_command(std::string name, Command command) {
  IRIS_CHECK(state_->listener == nullptr && command);
  const bool added = state_->commands->emplace(std::move(name), std::move(command)).second;
  IRIS_CHECK(added);
}

base::Status AdminSocket::start() {
  net::ListenerOptions options{
      .unix_path = state_->options.path, .name = "admin", .connections_max = state_->options.connections_max};
  options.tls_handshakes_max = 0;                          // an operator does not wait behind a storm of clients
  options.connection.output_bytes_max = 64 * 1024 * 1024;  // a list of all accounts is one answer
  auto listener = net::Listener::start(
      {&state_->loop}, std::move(options),
      [commands = state_->commands, max = state_->options.request_bytes_max](const auto& connection) {
        return std::make_shared<Conversation>(connection, commands, max);
      });
  if (!listener) return listener.error();
  state_->listener = std::move(*listener);
  return base::ok();
}

}  // namespace iris::admin
