#include "net/listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <mutex>
#include <set>

#include "net/test_client.h"
#include "net/test_server.h"

namespace iris::net {
namespace {

using std::chrono::milliseconds;

TEST(Listener, DealsConnectionsToAllLoops) {
  std::mutex mutex;
  std::multiset<io::Loop*> loops;
  TestServer server(3);
  server.listen({}, [&](TestHandler& h) {
    echo()(h);
    EXPECT_TRUE(h.connection->loop().on_this_thread());
    const std::lock_guard lock(mutex);
    loops.insert(&h.connection->loop());
  });
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<TestClient>(server.address()));
    ASSERT_TRUE(clients.back()->send("x"));
    ASSERT_EQ(clients.back()->receive(1), "x");
  }
  for (auto* loop : server.pool.all()) EXPECT_EQ(loops.count(loop), 2u);
}

TEST(Listener, ConnectionsBeyondTheLimitAreClosedAndRoomIsMadeAgain) {
  TestServer server;
  server.listen({.connections_max = 2}, echo());
  auto first = std::make_unique<TestClient>(server.address());
  TestClient second(server.address());
  ASSERT_TRUE(first->send("x"));
  ASSERT_EQ(first->receive(1), "x");
  ASSERT_TRUE(second.send("x"));
  ASSERT_EQ(second.receive(1), "x");
  EXPECT_EQ(TestClient(server.address()).receive_all(), "");
  EXPECT_EQ(server.listener->connection_count(), 2u);

  first.reset();
  while (server.listener->connection_count() > 1) std::this_thread::yield();
  TestClient third(server.address());
  ASSERT_TRUE(third.send("y"));
  EXPECT_EQ(third.receive(1), "y");
}

TEST(Listener, SeveralMayShareABudget) {
  const auto budget = std::make_shared<ConnectionBudget>(1);
  TestServer one, other;
  one.listen({.budget = budget}, echo());
  other.listen({.budget = budget}, echo());
  auto first = std::make_unique<TestClient>(one.address());
  ASSERT_TRUE(first->send("x"));
  ASSERT_EQ(first->receive(1), "x");
  TestClient second(other.address());  // waits in the kernel's queue
  ASSERT_TRUE(second.send("y"));
  EXPECT_EQ(other.listener->connection_count(), 0u);
  first.reset();
  EXPECT_EQ(second.receive(1), "y");
  EXPECT_EQ(other.listener->connection_count(), 1u);
}

TEST(Listener, LimitsMayChangeWhileConnectionsAreOpen) {
  TestServer server;
  server.listen({}, echo());
  TestClient first(server.address());
  ASSERT_TRUE(first.send("x"));
  ASSERT_EQ(first.receive(1), "x");
  server.listener->set_limits(10, 1);
  EXPECT_EQ(TestClient(server.address()).receive_all(), "");
  server.listener->set_limits(10, 2);
  TestClient second(server.address());
  ASSERT_TRUE(second.send("y"));
  EXPECT_EQ(second.receive(1), "y");
}

TEST(Listener, OneAddressMayHaveOnlySoMany) {
  TestServer server;
  server.listen({.connections_per_ip_max = 1}, echo());
  auto first = std::make_unique<TestClient>(server.address());
  ASSERT_TRUE(first->send("x"));
  ASSERT_EQ(first->receive(1), "x");
  EXPECT_EQ(TestClient(server.address()).receive_all(), "");
  first.reset();
  while (server.listener->connection_count() > 0) std::this_thread::yield();
  TestClient again(server.address());
  ASSERT_TRUE(again.send("y"));
  EXPECT_EQ(again.receive(1), "y");
}

TEST(Listener, AFactoryThatReturnsNothingCloses) {
  TestServer server;
  auto started = Listener::start(server.pool.all(), {.address = {"127.0.0.1", 0}},
                                 [](const std::shared_ptr<Connection>&) { return nullptr; });
  ASSERT_TRUE(started);
  server.listener = std::move(*started);
  server.pool.start();
  EXPECT_EQ(TestClient(server.address()).receive_all(), "");
}

TEST(Listener, OutOfDescriptorsItWaitsAndThenServes) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the undefined behaviour sanitizer itself needs descriptors, and takes their want for a bad object";
#endif
  TestServer server;
  server.listen({.accept_pause = milliseconds(10)}, echo());
  TestClient client({});
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = ::open("/dev/null", O_RDONLY);
  ::close(lowest_free);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(lowest_free);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_TRUE(client.connect(server.address()));  // by the kernel, into the listener's queue
  EXPECT_TRUE(client.send("x"));
  for (int turn = 0; turn < 1000; ++turn) server.on_loop(0, [] {});
  EXPECT_EQ(server.listener->connection_count(), 0u);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(client.receive(1), "x");
}

TEST(Listener, AnAddressInUseIsAnError) {
  TestServer server;
  server.listen({}, echo());
  const auto twin = Listener::start(server.pool.all(), {.address = server.address()},
                                    [](const std::shared_ptr<Connection>&) { return nullptr; });
  ASSERT_FALSE(twin);
  EXPECT_EQ(twin.error().code, base::Errc::invalid);
  EXPECT_NE(twin.error().message.find("127.0.0.1:"), std::string::npos);
}

TEST(Listener, AllOfIpv6LeavesThePortToAllOfIpv4) {
  TestServer server;
  const auto nobody = [](const std::shared_ptr<Connection>&) { return nullptr; };
  const auto six = Listener::start(server.pool.all(), {.address = {"::", 0}}, nobody);
  if (!six) GTEST_SKIP() << "no IPv6 here: " << six.error().message;
  const auto four = Listener::start(server.pool.all(), {.address = {"0.0.0.0", (*six)->address().port}}, nobody);
  EXPECT_TRUE(four) << four.error().message;
}

TEST(Listener, OtherFilesAreNotReplacedByASocket) {
  TestServer server;
  const std::string path = server.directory / "file";
  ::close(::open(path.c_str(), O_CREAT | O_WRONLY, 0600));
  EXPECT_FALSE(Listener::start(server.pool.all(), {.unix_path = path},
                               [](const std::shared_ptr<Connection>&) { return nullptr; }));
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(Address, TextAndBack) {
  for (const char* text : {"127.0.0.1:5222", "[::1]:5223", "0.0.0.0:0"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
  }
  EXPECT_EQ(parse_address("localhost:80")->to_string(), "127.0.0.1:80");
  for (const char* text : {"", "127.0.0.1", "::1:5222", "[::1]", "example.org:80", "127.0.0.1:65536", "127.0.0.1:x"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  EXPECT_TRUE(parse_address("127.8.8.8:1")->is_loopback());
  EXPECT_FALSE(parse_address("[::]:1")->is_loopback());
}

}  // namespace
}  // namespace iris::net
