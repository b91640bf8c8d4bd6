#include "net/memory_connection.h"

#include <gtest/gtest.h>

#include "io/sim_loop.h"
#include "net/test_server.h"

namespace iris::net {
namespace {

class MemoryPair : public ::testing::Test {
 protected:
  void join(ConnectionOptions options = {}, std::size_t piece = 0) {
    auto [a, b] = make_memory_pair(node_a, node_b, options, piece);
    left->connection = a;
    right->connection = b;
    a->set_handler(left);
    b->set_handler(right);
  }
  io::SimWorld world;
  io::SimLoop &node_a = world.add_loop("a"), &node_b = world.add_loop("b");
  std::shared_ptr<TestHandler> left = std::make_shared<TestHandler>(), right = std::make_shared<TestHandler>();
};

TEST_F(MemoryPair, BytesArriveInPieces) {
  std::vector<std::string> pieces;
  right->data = [&](std::string_view bytes) { pieces.emplace_back(bytes); };
  join({}, 3);
  left->connection->write("abcdefgh");
  world.run_until_idle();
  EXPECT_EQ(pieces, (std::vector<std::string>{"abc", "def", "gh"}));
  EXPECT_EQ(left->connection->output_bytes(), 0u);
}

TEST_F(MemoryPair, APausedReaderCongestsTheWriter) {
  int drained = 0;
  left->drained = [&] { ++drained; };
  join({.output_high_water = 100});
  right->connection->pause_reading();
  left->connection->write(std::string(150, 'x'));
  world.run_until_idle();
  EXPECT_TRUE(left->connection->is_congested());
  right->connection->resume_reading();
  world.run_until_idle();
  EXPECT_FALSE(left->connection->is_congested());
  EXPECT_EQ(drained, 1);
}

TEST_F(MemoryPair, AGracefulCloseComesBehindTheBytes) {
  std::string story;
  right->data = [&](std::string_view bytes) { story += bytes; };
  right->closed = [&](CloseReason reason) { story += ' ', story += to_string(reason); };
  left->closed = [&](CloseReason reason) { EXPECT_EQ(reason, CloseReason::local); };
  join({}, 1);
  left->connection->write("bye");
  left->connection->close(CloseMode::graceful);
  world.run_until_idle();
  EXPECT_EQ(story, "bye peer");
}

TEST_F(MemoryPair, ACrashedNodeIsAResetToTheOther) {
  std::string story;
  left->closed = [&](CloseReason) { story += "the dead speak "; };
  right->closed = [&](CloseReason reason) { story += to_string(reason); };
  join();
  const std::weak_ptr<Connection> dead = left->connection;
  left.reset();
  node_a.kill();
  world.run_until_idle();
  EXPECT_EQ(story, "reset");
  EXPECT_TRUE(dead.expired());
}

TEST_F(MemoryPair, MovesWithoutLosingOrder) {
  io::SimLoop& other = world.add_loop("other");
  std::string got;
  right->data = [&](std::string_view bytes) {
    got += bytes;
    if (got.size() == 1) right->connection->move_to(other, [&] { EXPECT_TRUE(other.on_this_thread()); });
  };
  join({}, 1);
  left->connection->write("0123");
  node_a.after(std::chrono::milliseconds(1), [&] { left->connection->write("4567"); });
  world.run_until_idle();
  EXPECT_EQ(got, "01234567");
  EXPECT_EQ(&right->connection->loop(), &other);
}

}  // namespace
}  // namespace iris::net
