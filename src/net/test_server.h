// For tests: loops on threads, a certificate in a temporary directory, and a handler made of functions.
#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "io/loop_pool.h"
#include "net/listener.h"

namespace iris::net {

struct TestHandler final : ConnectionHandler {
  std::shared_ptr<Connection> connection;
  std::function<void(std::string_view)> data = [](std::string_view) {};
  std::function<void(const TlsInfo&)> tls = [](const TlsInfo&) {};
  std::function<void()> drained = [] {};
  std::function<void(CloseReason)> closed = [](CloseReason) {};

  void on_data(std::string_view bytes) override { data(bytes); }
  void on_tls(const TlsInfo& info) override { tls(info); }
  void on_drained() override { drained(); }
  void on_closed(CloseReason reason) override { closed(reason); }
};

class TestServer {
 public:
  explicit TestServer(std::size_t loops = 1) : pool(loops, "test") {
    directory = std::filesystem::temp_directory_path() /
                ("iris-net-test-" + std::to_string(::getpid()) + '-' + std::to_string(next_number()++));
    std::filesystem::create_directories(directory);
  }
  ~TestServer() {
    pool.stop();
    listener.reset();
    std::filesystem::remove_all(directory);
  }

  std::shared_ptr<TlsContext> tls(std::vector<std::string> alpn = {}) {
    const TlsOptions options{directory / "cert.pem", directory / "key.pem", std::move(alpn)};
    EXPECT_TRUE(make_self_signed({{"iris.example"}, options.certificate_path, options.key_path}));
    auto context = TlsContext::make(options);
    EXPECT_TRUE(context);
    return *context;
  }

  using Setup = std::function<void(TestHandler&)>;
  // Listens on a free port of 127.0.0.1; `setup` fills in each new connection's handler.
  void listen(ListenerOptions options, Setup setup) {
    if (options.unix_path.empty()) options.address = {"127.0.0.1", 0};
    auto started = start(std::move(options), std::move(setup));
    ASSERT_TRUE(started) << started.error().message;
    listener = std::move(*started);
    pool.start();
  }
  // One listener more on the same loops.
  base::Result<std::unique_ptr<Listener>> start(ListenerOptions options, Setup setup) {
    return Listener::start(pool.all(), std::move(options), [setup](const std::shared_ptr<Connection>& c) {
      auto handler = std::make_shared<TestHandler>();
      handler->connection = c;
      setup(*handler);
      return handler;
    });
  }
  const Address& address() const { return listener->address(); }

  // Runs `call` on the loop and waits for it.
  void on_loop(std::size_t index, std::function<void()> call) {
    std::promise<void> done;
    pool.at(index).post([&] {
      call();
      done.set_value();
    });
    done.get_future().wait();
  }

  std::filesystem::path directory;
  io::LoopPool pool;
  std::unique_ptr<Listener> listener;

 private:
  static std::atomic<int>& next_number() {
    static std::atomic<int> number = 0;
    return number;
  }
};

inline TestServer::Setup echo() {
  return [](TestHandler& h) { h.data = [&h](std::string_view bytes) { h.connection->write(std::string(bytes)); }; };
}

}  // namespace iris::net
