#include "net/websocket_connection.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <random>

#include "net/http_server.h"
#include "net/test_client.h"
#include "net/test_server.h"
#include "net/websocket_frames.h"

namespace iris::net {
namespace {

struct TestSocketHandler final : WebSocketHandler {
  std::shared_ptr<WebSocketConnection> socket;
  std::function<void(std::string_view)> message = [](std::string_view) {};
  std::function<void(CloseReason)> closed = [](CloseReason) {};
  std::function<void(WebSocketCode)> refused = [](WebSocketCode) {};
  void on_message(std::string_view text) override { message(text); }
  void on_refused(WebSocketCode code) override { refused(code); }
  void on_closed(CloseReason reason) override {
    closed(reason);
    socket = nullptr;
  }
};

constexpr const char* kOpening =
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: chat, xmpp\r\n\r\n";

class WebSocketTest : public ::testing::Test {
 protected:
  using Setup = std::function<void(TestSocketHandler&)>;

  void start(Setup setup, WebSocketOptions options = {}) {
    site->web_socket("/ws", {"xmpp", options, [setup](const std::shared_ptr<WebSocketConnection>& socket) {
                               auto handler = std::make_shared<TestSocketHandler>();
                               handler->socket = socket;
                               setup(*handler);
                               return handler;
                             }});
    auto listener = Listener::start(
        server.pool.all(), {.address = {"127.0.0.1", 0}},
        [this](const std::shared_ptr<Connection>& connection) { return make_http_handler(connection, site); });
    ASSERT_TRUE(listener);
    server.listener = std::move(*listener);
    server.pool.start();
    client = std::make_unique<TestClient>(server.address());
  }
  void open(const std::string& behind = "") {
    ASSERT_TRUE(client->send(kOpening + behind));
    const std::string head = client->receive_until("\r\n\r\n");
    ASSERT_TRUE(head.starts_with("HTTP/1.1 101 ")) << head;
    EXPECT_NE(head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
    EXPECT_NE(head.find("Sec-WebSocket-Protocol: xmpp\r\n"), std::string::npos);
  }
  static Setup echo_messages() {
    return [](TestSocketHandler& h) { h.message = [&h](std::string_view text) { h.socket->send_text(text); }; };
  }
  std::string receive_frame() {
    std::string frame = client->receive(2);
    if (frame.size() < 2) return frame;
    std::size_t size = static_cast<unsigned char>(frame[1]);
    if (size >= 126) {
      const std::string more = client->receive(size == 126 ? 2 : 8);
      size = 0;
      for (unsigned char byte : more) size = size << 8 | byte;
      frame += more;
    }
    return frame + client->receive(size);
  }

  TestServer server{2};
  std::shared_ptr<HttpSite> site = std::make_shared<HttpSite>();
  std::unique_ptr<TestClient> client;
};

TEST_F(WebSocketTest, EchoesMessagesHoweverTheBytesAreCut) {
  start(echo_messages());
  open();
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::string bytes;
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    std::string text(random() % 3 == 0 ? random() % 70'000 : random() % 200, static_cast<char>('a' + i % 26));
    expected.push_back(web_socket_text(text));
    const std::size_t cut = random() % (text.size() + 1);
    if (random() % 2 == 0) {
      bytes += client_frame(0x81, text);
    } else {
      bytes +=
          client_frame(0x01, text.substr(0, cut)) + client_frame(0x8a, "noise") + client_frame(0x80, text.substr(cut));
    }
  }
  std::jthread sender([&, random]() mutable {
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t part = random() % 10 == 0 ? 1 + random() % 7 : 1 + random() % 30'000;
      ASSERT_TRUE(client->send(std::string_view(bytes).substr(at, part)));
      at += part;
    }
  });
  for (const std::string& frame : expected) ASSERT_TRUE(receive_frame() == frame);
}

TEST_F(WebSocketTest, BytesBehindTheOpeningBelongToTheSocket) {
  start(echo_messages());
  open(client_frame(0x81, "early"));
  EXPECT_EQ(receive_frame(), web_socket_text("early"));
}

TEST_F(WebSocketTest, APingIsAnsweredWithItsPayload) {
  start(echo_messages());
  open();
  ASSERT_TRUE(client->send(client_frame(0x89, "who is there")));
  EXPECT_EQ(receive_frame(), web_socket_pong("who is there"));
}

TEST_F(WebSocketTest, ThePeersCloseIsEchoed) {
  std::promise<CloseReason> closed;
  start([&](TestSocketHandler& h) { h.closed = [&](CloseReason reason) { closed.set_value(reason); }; });
  open();
  ASSERT_TRUE(client->send(client_frame(0x88, "\x03\xe9 leaving")));
  EXPECT_EQ(receive_frame(), web_socket_close(WebSocketCode::going_away));
  EXPECT_EQ(client->receive_all(), "");
  client->hang_up();
  closed.get_future().wait();
}

TEST_F(WebSocketTest, OurCloseHasItsCodeAndNothingIsHeardBehindIt) {
  std::atomic<int> messages = 0;
  start([&](TestSocketHandler& h) {
    h.message = [&](std::string_view) {
      ++messages;
      h.socket->close(WebSocketCode::policy_violation, "no");
      h.socket->send_text("too late");
    };
  });
  open();
  ASSERT_TRUE(client->send(client_frame(0x81, "one") + client_frame(0x81, "two")));
  EXPECT_EQ(receive_frame(), web_socket_close(WebSocketCode::policy_violation, "no"));
  EXPECT_EQ(client->receive_all(), "");
  EXPECT_EQ(messages, 1);
}

TEST_F(WebSocketTest, ATooBigMessageGets1009AndAnUnmaskedOne1002) {
  start(echo_messages(), {.message_bytes_max = 1000});
  open();
  ASSERT_TRUE(client->send(client_frame(0x81, std::string(1001, 'x'))));
  EXPECT_EQ(receive_frame(), web_socket_close(WebSocketCode::too_big));
  client = std::make_unique<TestClient>(server.address());
  open();
  ASSERT_TRUE(client->send("\x81\x05Hello"));
  EXPECT_EQ(receive_frame(), web_socket_close(WebSocketCode::protocol_error));
}

// RFC 7395 §3.5: a stream error goes out before the close frame.
TEST_F(WebSocketTest, WhoIsRefusedIsToldByItsHandlerFirst) {
  start(
      [](TestSocketHandler& h) {
        h.refused = [&h](WebSocketCode code) {
          h.socket->send_text(std::to_string(static_cast<int>(code)));
          if (code == WebSocketCode::too_big) h.socket->close(WebSocketCode::normal);
        };
      },
      {.message_bytes_max = 1000});
  open();
  ASSERT_TRUE(client->send(client_frame(0x81, std::string(1001, 'x'))));
  EXPECT_EQ(receive_frame(), web_socket_text("1009"));
  EXPECT_EQ(receive_frame(), web_socket_close(WebSocketCode::normal));
  client = std::make_unique<TestClient>(server.address());
  open();
  ASSERT_TRUE(client->send(client_frame(0x81, "\xff")));
  EXPECT_EQ(receive_frame(), web_socket_text("1007"));
  EXPECT_EQ(receive_frame(), web_socket_close(WebSocketCode::invalid_payload));
}

TEST_F(WebSocketTest, PausedInAMessageTheNextOneWaitsThoughItWasRead) {
  std::string got;
  std::promise<std::shared_ptr<WebSocketConnection>> paused;
  start([&](TestSocketHandler& h) {
    h.message = [&](std::string_view text) {
      got += text;
      if (got == "1") {
        h.socket->pause_reading();
        paused.set_value(h.socket);
      }
      if (got == "123") h.socket->send_text("done");
    };
  });
  open();
  ASSERT_TRUE(client->send(client_frame(0x81, "1") + client_frame(0x81, "2") + client_frame(0x81, "3")));
  const auto socket = paused.get_future().get();
  for (int turn = 0; turn < 100; ++turn) {
    server.on_loop(0, [&] { ASSERT_EQ(got, "1"); });
  }
  server.on_loop(0, [&] { socket->resume_reading(); });
  EXPECT_EQ(receive_frame(), web_socket_text("done"));
}

TEST_F(WebSocketTest, MessagesFollowInOrderThroughMovesInsideMessages) {
  int next = 0;
  std::atomic<int> moves = 0;
  start([&](TestSocketHandler& h) {
    h.message = [&](std::string_view text) {
      EXPECT_TRUE(h.socket->loop().on_this_thread());
      EXPECT_EQ(text, std::to_string(next));
      ++next;
      h.socket->move_to(server.pool.at(static_cast<std::size_t>(++moves) % 2), [] {});
    };
  });
  open();
  std::string bytes;
  for (int i = 0; i < 500; ++i) bytes += client_frame(0x81, std::to_string(i));
  ASSERT_TRUE(client->send(bytes + client_frame(0x89, "end")));
  EXPECT_EQ(receive_frame(), web_socket_pong("end"));
  EXPECT_EQ(moves, 500);
}

TEST_F(WebSocketTest, AnImproperOpeningIsRefused) {
  start(echo_messages());
  const std::vector<std::tuple<std::string, std::string, std::string>> cases{
      {"Upgrade: WebSocket\r\n", "", "426"}, {"Connection: keep-alive, Upgrade\r\n", "", "426"},
      {"Version: 13", "Version: 8", "426"},  {"dGhlIHNhbXBsZSBub25jZQ==", "short", "400"},
      {"chat, xmpp", "chat", "400"},         {"GET /ws", "POST /ws", "426"},
      {"Host: localhost\r\n", "", "400"}};
  for (const auto& [from, to, status] : cases) {
    std::string opening = kOpening;
    opening.replace(opening.find(from), from.size(), to);
    TestClient other(server.address());
    ASSERT_TRUE(other.send(opening));
    EXPECT_EQ(other.receive_until("\r\n").substr(9, 3), status) << from;
  }
}

TEST_F(WebSocketTest, NobodyBehindTheDoorMeansAnInternalError) {
  site->web_socket("/nobody", {"xmpp", {}, [](const std::shared_ptr<WebSocketConnection>&) { return nullptr; }});
  start(echo_messages());
  std::string opening = kOpening;
  opening.replace(4, 3, "/nobody");
  ASSERT_TRUE(client->send(opening));
  client->receive_until("\r\n\r\n");
  EXPECT_EQ(receive_frame(), web_socket_close(WebSocketCode::internal_error));
}

}  // namespace
}  // namespace iris::net
