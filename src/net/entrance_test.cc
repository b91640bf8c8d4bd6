#include "net/entrance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/socket_connection.h"
#include "net/test_client.h"
#include "net/test_server.h"

namespace iris::net {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

struct EntranceTest : ::testing::Test {
  // Runs `calls` turns of the loop, then `then`.
  void after_turns(int calls, std::function<void()> then) {
    if (calls == 0) return then();
    loop.post([this, calls, then = std::move(then)]() mutable { after_turns(calls - 1, std::move(then)); });
  }
  void newcomer(std::size_t max, int name) {
    entrance->wait(max, [this, name] {
      numbers.push_back(entrance->handshake_began());
      entered.push_back(name);
    });
  }
  io::EpollLoop loop{"test"};
  std::shared_ptr<Entrance> entrance;
  std::vector<std::uint64_t> numbers;
  std::vector<int> entered;
};

TEST_F(EntranceTest, WhoWaitsBeginsInOrderWhenOthersHaveFinished) {
  loop.post([&] {
    entrance = Entrance::of(loop);
    EXPECT_EQ(Entrance::of(loop), entrance);
    for (int i = 0; i < 5; ++i) newcomer(2, i);
    after_turns(10, [&] {
      EXPECT_THAT(entered, ElementsAre(0, 1));
      entrance->handshake_ended(numbers[1]);
      after_turns(10, [&] {
        EXPECT_THAT(entered, ElementsAre(0, 1, 2));
        entrance->handshake_ended(numbers[0]);
        entrance->handshake_ended(numbers[0]);  // a second time it is nobody's
        after_turns(10, [&] {
          EXPECT_THAT(entered, ElementsAre(0, 1, 2, 3));
          loop.stop();
        });
      });
    });
  });
  loop.run();
}

TEST_F(EntranceTest, OnlyAFewBeginInOneTurn) {
  loop.post([&] {
    entrance = Entrance::of(loop);
    for (int i = 0; i < 100; ++i) newcomer(1000, i);
    after_turns(3, [&] {
      EXPECT_GT(entered.size(), 0u);
      EXPECT_LT(entered.size(), 20u);
      after_turns(100, [&] { loop.stop(); });
    });
  });
  loop.run();
  EXPECT_EQ(entered.size(), 100u);
}

TEST_F(EntranceTest, WhoIsInsideDoesNotWaitForAllHandshakes) {
  std::vector<int> done, expected;
  loop.post([&] {
    entrance = Entrance::of(loop);
    for (int i = 0; i < 300; ++i) {
      expected.push_back(i);
      entrance->go_on([&done, i] {
        const auto until = std::chrono::steady_clock::now() + 1ms;
        while (std::chrono::steady_clock::now() < until) {}
        done.push_back(i);
      });
    }
    after_turns(3, [&] {
      EXPECT_GT(done.size(), 0u);
      EXPECT_LT(done.size(), 300u);
      after_turns(400, [&] { loop.stop(); });
    });
  });
  loop.run();
  EXPECT_EQ(done, expected);
}

TEST_F(EntranceTest, NobodyHoldsAPlaceForLong) {
  const auto start = loop.clock().steady();
  loop.post([&] {
    entrance = Entrance::of(loop);
    newcomer(1, 0);
    newcomer(1, 1);
    entrance->wait(1, [&] { loop.stop(); });
  });
  loop.run();
  EXPECT_THAT(entered, ElementsAre(0, 1));
  EXPECT_GE(loop.clock().steady() - start, 2s);
}

TEST(Entrance, ALoopThatEndsDropsWhoWaits) {
  const auto held = std::make_shared<int>();
  {
    io::EpollLoop loop("test");
    loop.post([&] {
      Entrance::of(loop)->wait(1, [held] {});
      loop.stop();
    });
    loop.run();
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Entrance, ASilentStrangerDelaysOthersAtMost) {
  TestServer server;
  server.listen({.tls = server.tls(), .tls_handshakes_max = 1}, echo());
  TestClient silent(server.address());
  TestClient second(server.address()), third(server.address());
  for (TestClient* client : {&second, &third}) {
    ASSERT_TRUE(client->start_tls());
    ASSERT_TRUE(client->send("x"));
    EXPECT_EQ(client->receive(1), "x");
  }
}

// A step waits for its turn, and meanwhile the client's first bytes ask for another.
TEST(Entrance, AHandshakeEndsOnceHoweverLongItsStepsWait) {
  const auto pass = [](std::chrono::milliseconds span) {
    const auto until = std::chrono::steady_clock::now() + span;
    while (std::chrono::steady_clock::now() < until) {}
  };
  std::atomic<bool> over = false;
  std::function<void()> take_a_turn;  // before the server, whose loop may still hold a call of it
  TestServer server;
  std::atomic<int> come = 0, told = 0;
  server.listen({.tls = server.tls()}, [&](TestHandler& h) {
    echo()(h);
    h.tls = [&](const TlsInfo&) { ++told; };
    ++come;
  });
  auto& loop = server.pool.at(0);
  take_a_turn = [&] {
    pass(6ms);
    if (!over) Entrance::of(loop)->go_on([&] { take_a_turn(); });
  };
  for (int others = 0; others < 10; ++others) loop.post([&] { take_a_turn(); });
  constexpr int kClients = 5;
  for (int i = 0; i < kClients; ++i) {
    TestClient client(server.address());
    while (come <= i) {}
    pass(25ms);  // its first step waits by now
    ASSERT_TRUE(client.start_tls());
    ASSERT_TRUE(client.send("x"));
    EXPECT_EQ(client.receive(1), "x");
    pass(100ms);  // all of its steps have run
  }
  over = true;
  EXPECT_EQ(told, kClients);
}

TEST(Entrance, AListenerMayBeExempt) {
  TestServer server;
  std::atomic<int> begun = 0;
  server.listen({.tls = server.tls(), .tls_handshakes_max = 1}, [&](TestHandler&) { ++begun; });
  auto operators = server.start({.address = {"127.0.0.1", 0}, .tls_handshakes_max = 0}, echo());
  ASSERT_TRUE(operators);
  constexpr int kStrangers = 30;  // the last one begins after half a minute
  std::vector<std::unique_ptr<TestClient>> silent;
  for (int i = 0; i < kStrangers; ++i) silent.push_back(std::make_unique<TestClient>(server.address()));
  while (server.listener->connection_count() < kStrangers) std::this_thread::yield();
  TestClient client((*operators)->address());
  ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(client.receive(1), "x");
  EXPECT_LT(begun, kStrangers);
  server.pool.stop();
}

TEST(Entrance, WhoLeftWhileHeWaitedIsNotServed) {
  TestServer files;
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  ::close(ends[1]);
  io::EpollLoop loop("test");
  const auto handler = std::make_shared<TestHandler>();
  std::optional<CloseReason> closed;
  handler->closed = [&](CloseReason reason) {
    closed = reason;
    loop.stop();
  };
  loop.post([&] {
    const auto connection = SocketConnection::adopt(loop, ends[0], {"unix", 0}, {}, nullptr);
    connection->start_tls(files.tls());
    connection->start(handler);
  });
  loop.run();
  EXPECT_EQ(closed, CloseReason::peer);
}

}  // namespace
}  // namespace iris::net
