#include "net/connection.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <future>
#include <thread>

#include "net/test_client.h"
#include "net/test_server.h"

namespace iris::net {
namespace {

using std::chrono::milliseconds;

// Bytes in which each place can be told from the others.
std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 2654435761u) >> 13);
  return bytes;
}

TEST(Connection, EchoesAndReportsThePeersClose) {
  std::promise<CloseReason> closed;
  TestServer server;
  server.listen({}, [&](TestHandler& h) {
    echo()(h);
    h.closed = [&](CloseReason reason) { closed.set_value(reason); };
    EXPECT_EQ(h.connection->peer().ip, "127.0.0.1");
    EXPECT_FALSE(h.connection->is_encrypted());
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.send("hello"));
  EXPECT_EQ(client.receive(5), "hello");
  client.hang_up();
  EXPECT_EQ(closed.get_future().get(), CloseReason::peer);
}

TEST(Connection, AResetIsReported) {
  std::promise<CloseReason> closed;
  TestServer server;
  server.listen({}, [&](TestHandler& h) {
    echo()(h);
    h.closed = [&](CloseReason reason) { closed.set_value(reason); };
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(client.receive(1), "x");
  client.reset();
  EXPECT_EQ(closed.get_future().get(), CloseReason::reset);
}

TEST(Connection, AnAnswerToAPeerThatHasClosedItsWritingSideArrives) {
  TestServer server;
  server.listen({}, echo());
  TestClient client(server.address());
  ASSERT_TRUE(client.send("last words"));
  client.half_close();
  EXPECT_EQ(client.receive_all(), "last words");
}

TEST(Connection, AGracefulCloseSendsWhatWasWritten) {
  const std::string bytes = pattern(3'000'000);
  std::promise<CloseReason> closed;
  TestServer server;
  server.listen({}, [&](TestHandler& h) {
    h.data = [&](std::string_view) {
      h.connection->write(bytes);
      h.connection->close(CloseMode::graceful);
      EXPECT_TRUE(h.connection->is_closing());
      h.connection->write("too late");
    };
    h.closed = [&](CloseReason reason) { closed.set_value(reason); };
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.send("go"));
  ASSERT_TRUE(client.send("unread bytes must not turn the close into a reset"));
  EXPECT_EQ(client.receive_all(), bytes);
  client.hang_up();
  EXPECT_EQ(closed.get_future().get(), CloseReason::local);
}

TEST(Connection, APeerThatDoesNotCloseIsWaitedForOnlySoLong) {
  std::promise<CloseReason> closed;
  TestServer server;
  server.listen({.connection = {.close_timeout = milliseconds(50)}}, [&](TestHandler& h) {
    h.data = [&h](std::string_view) { h.connection->close(CloseMode::graceful); };
    h.closed = [&](CloseReason reason) { closed.set_value(reason); };
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.send("go"));
  EXPECT_EQ(closed.get_future().get(), CloseReason::local);
}

TEST(Connection, ClosingInsideACallIsSafeAndToldOnce) {
  std::atomic<int> closed = 0, data = 0;
  std::promise<void> told;
  TestServer server;
  server.listen({}, [&](TestHandler& h) {
    h.data = [&](std::string_view) {
      ++data;
      h.connection->close(CloseMode::graceful);
      h.connection->close(CloseMode::abort);
      h.connection->close(CloseMode::abort);
      h.connection->resume_reading();
      h.connection->write("into the void");
      EXPECT_EQ(closed, 0) << "never inside a call";
    };
    h.closed = [&](CloseReason) {
      ++closed;
      h.connection->close(CloseMode::abort);
      h.connection->write("into the void");
      h.connection = nullptr;  // perhaps the last holder
      if (closed == 1) told.set_value();
    };
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(client.receive_all(), "");
  told.get_future().wait();
  for (int turn = 0; turn < 10; ++turn) server.on_loop(0, [] {});
  EXPECT_EQ(data, 1);
  EXPECT_EQ(closed, 1);
}

TEST(Connection, AHandlerMayReplaceItself) {
  auto second = std::make_shared<TestHandler>();
  TestServer server;
  server.listen({}, [&](TestHandler& h) {
    h.data = [&](std::string_view) {
      second->connection = h.connection;
      second->data = [&](std::string_view bytes) { second->connection->write("second got " + std::string(bytes)); };
      h.connection->write("first");
      h.connection->set_handler(second);
    };
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.send("a"));
  EXPECT_EQ(client.receive(5), "first");
  ASSERT_TRUE(client.send("b"));
  EXPECT_EQ(client.receive(12), "second got b");
}

TEST(Connection, PausedItReadsNothingAndResumedNothingIsMissing) {
  std::atomic<std::size_t> received = 0;
  std::promise<void> first;
  std::shared_ptr<Connection> connection;
  TestServer server;
  server.listen({}, [&](TestHandler& h) {
    connection = h.connection;
    h.data = [&](std::string_view bytes) {
      if (received == 0) {
        h.connection->pause_reading();
        first.set_value();
      }
      received += bytes.size();
      if (received == 1 + 500'000) h.connection->write("done");
    };
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.send("x"));
  first.get_future().wait();
  std::jthread sender([&] { EXPECT_TRUE(client.send(pattern(500'000))); });
  for (int turn = 0; turn < 100; ++turn) server.on_loop(0, [] {});
  EXPECT_EQ(received, 1u);
  server.on_loop(0, [&] { connection->resume_reading(); });
  EXPECT_EQ(client.receive(4), "done");
}

// A writer that respects is_congested() and a reader that dawdles: nothing is lost, and little waits in memory.
TEST(Connection, ASlowReaderHoldsTheWriterBack) {
  const std::string bytes = pattern(16'000'000);
  std::size_t at = 0, most = 0;
  int drained = 0;
  std::promise<void> congested;
  TestServer server;
  server.listen({}, [&](TestHandler& h) {
    auto write_on = [&] {
      while (at < bytes.size() && !h.connection->is_congested()) {
        h.connection->write(bytes.substr(at, 10'000));
        at += 10'000;
        most = std::max(most, h.connection->output_bytes());
      }
    };
    h.data = [&, write_on](std::string_view) {
      write_on();
      EXPECT_TRUE(h.connection->is_congested());
      congested.set_value();
    };
    h.drained = [&, write_on] {
      ++drained;
      write_on();
    };
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.send("go"));
  congested.get_future().wait();
  EXPECT_TRUE(client.receive(bytes.size()) == bytes);
  server.on_loop(0, [&] {
    EXPECT_GT(drained, 10);
    EXPECT_LT(most, 80'000u);
  });
}

TEST(Connection, OutputThatGrowsWithoutBoundEndsIt) {
  std::promise<CloseReason> closed;
  TestServer server;
  server.listen({.connection = {.output_bytes_max = 1'000'000}}, [&](TestHandler& h) {
    h.data = [&h](std::string_view) {
      for (int i = 0; i < 200 && !h.connection->is_closing(); ++i) h.connection->write(std::string(10'000, 'x'));
      EXPECT_TRUE(h.connection->is_closing());
    };
    h.closed = [&](CloseReason reason) { closed.set_value(reason); };
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.send("go"));
  EXPECT_EQ(closed.get_future().get(), CloseReason::output_overflow);
}

TEST(Connection, LoopsMayEndWithConnectionsOpen) {
  std::weak_ptr<Connection> connection;
  TestClient client({});
  {
    TestServer server(2);
    server.listen({}, [&](TestHandler& h) {
      connection = h.connection;
      echo()(h);
      h.closed = [](CloseReason) { FAIL() << "a loop that ended calls no one"; };
    });
    ASSERT_TRUE(client.connect(server.address()));
    ASSERT_TRUE(client.send("x"));
    ASSERT_EQ(client.receive(1), "x");
  }
  EXPECT_TRUE(connection.expired());
  EXPECT_EQ(client.receive_all(), "");
}

class MoveTest : public ::testing::TestWithParam<bool> {};

// The server echoes and changes its loop with nearly every piece that it reads, while bytes flow both ways.
TEST_P(MoveTest, BytesFlowOnInOrderWhileAConnectionMovesBetweenLoops) {
  const bool with_tls = GetParam();
  const std::string bytes = pattern(4'000'000);
  std::atomic<int> moves = 0;
  TestServer server(3);
  ListenerOptions options{.connection = {.read_bytes_per_turn = 20'000}};
  if (with_tls) options.tls = server.tls();
  server.listen(options, [&](TestHandler& h) {
    h.data = [&](std::string_view piece) {
      EXPECT_TRUE(h.connection->loop().on_this_thread());
      h.connection->write(std::string(piece));
      io::Loop& target = server.pool.at(static_cast<std::size_t>(moves + 1) % 3);
      h.connection->move_to(target, [&] {
        EXPECT_TRUE(target.on_this_thread());
        EXPECT_EQ(&h.connection->loop(), &target);
        ++moves;
      });
    };
  });
  TestClient client(server.address());
  if (with_tls) { ASSERT_TRUE(client.start_tls()); }
  std::string received;
  // Few bytes on their way at a time: OpenSSL's client must not read and write at once from two threads.
  for (std::size_t at = 0; at < bytes.size(); at += 50'000) {
    ASSERT_TRUE(client.send(std::string_view(bytes).substr(at, 50'000)));
    received += client.receive(std::min<std::size_t>(50'000, bytes.size() - at));
  }
  EXPECT_TRUE(received == bytes);
  EXPECT_GT(moves, 80);
}
INSTANTIATE_TEST_SUITE_P(PlainAndTls, MoveTest, ::testing::Bool());

TEST(Connection, AMoveThatMeetsTheEndTellsDoneFirstAndClosedThen) {
  std::promise<std::string> story;
  TestServer server(2);
  server.listen({}, [&](TestHandler& h) {
    auto told = std::make_shared<std::string>();
    h.data = [&, told](std::string_view) {
      h.connection->close(CloseMode::abort);
      h.connection->move_to(server.pool.at(1), [told] { *told += "done "; });
    };
    h.closed = [&, told](CloseReason) {
      EXPECT_TRUE(server.pool.at(1).on_this_thread());
      story.set_value(*told + "closed");
    };
  });
  TestClient client(server.address());
  ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(story.get_future().get(), "done closed");
}

}  // namespace
}  // namespace iris::net
