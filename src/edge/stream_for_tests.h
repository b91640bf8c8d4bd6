// For tests of connections: a stream on a fake transport, in a simulated world, and the words that a client says.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "edge/edge.h"
#include "edge/fake_transport.h"
#include "edge/stream.h"
#include "edge/test_world.h"
#include "xmpp/base64.h"

namespace iris::edge {

inline constexpr std::string_view kOpen =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "to='localhost' version='1.0'>";
inline constexpr std::string_view kEnd = "</stream:stream>";

inline std::string plain(const std::string& user, const std::string& password) {
  return "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
         xmpp::base64_encode(std::string("\0", 1) + user + std::string("\0", 1) + password) + "</auth>";
}

inline std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const auto from = text.find(before);
  if (from == std::string::npos) return {};
  const auto at = from + before.size();
  return text.substr(at, text.find(after, at) - at);
}

class StreamTest : public testing::Test {
 protected:
  StreamTest() {
    w.bus.attach(0, w.loop, [this](record::BusMessage&& message) { edge->on_bus(std::move(message)); });
    edge = std::make_unique<Edge>(Wiring{w.loop, 0, w.log, w.bus, w.owners, w.store}, w.options);
  }

  struct Peer {
    std::shared_ptr<FakeTransport> transport;
    std::shared_ptr<Stream> stream;
  };
  Peer connect(bool encrypted = true, Framing framing = Framing::stream) {
    auto transport = std::make_shared<FakeTransport>(framing);
    transport->encrypted = encrypted;
    auto stream = std::make_shared<Stream>(*edge, transport);
    edge->add(stream);
    stream->start();
    return {transport, stream};
  }
  // Sends, lets the world run, gives what came.
  std::string say(Peer& peer, std::string_view bytes, base::Duration wait = std::chrono::milliseconds{20}) {
    peer.transport->out.clear();
    peer.transport->messages.clear();
    if (peer.transport->framing() == Framing::stream)
      peer.stream->on_bytes(bytes);
    else
      peer.stream->on_message(bytes);
    w.run(wait);
    return peer.transport->out;
  }
  void cut(Peer& peer) {
    peer.stream->on_closed("reset");
    w.run();
  }
  void make_account(const std::string& bare = "romeo@localhost", const std::string& password = "secret") {
    bool done = false;
    edge->accounts().create(bare, password, [&](base::Result<auth::Accounts::Outcome> outcome) {
      done = outcome.ok() && *outcome == record::AccountChanged::DONE;
    });
    w.run(std::chrono::milliseconds{50});
    ASSERT_TRUE(done);
  }
  Peer log_in(const std::string& user = "romeo") {
    Peer peer = connect();
    say(peer, kOpen);
    EXPECT_THAT(say(peer, plain(user, "secret")), testing::HasSubstr("<success"));
    EXPECT_THAT(say(peer, kOpen), testing::HasSubstr("urn:ietf:params:xml:ns:xmpp-bind"));
    return peer;
  }
  Peer bind(const std::string& user = "romeo") {
    Peer peer = log_in(user);
    EXPECT_THAT(say(peer,
                    "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>orchard"
                    "</resource></bind></iq>"),
                testing::HasSubstr("<jid>" + user + "@localhost/orchard</jid>"));
    return peer;
  }
  std::string enable(Peer& peer) {
    return between(say(peer, "<enable xmlns='urn:xmpp:sm:3' resume='true'/>"), "id='", "'");
  }
  static std::string resume(const std::string& id, int h) {
    return "<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='" + std::to_string(h) + "'/>";
  }
  static std::string chat(const std::string& id) {
    return "<message to='juliet@localhost' type='chat' id='" + id + "'><body>x</body></message>";
  }

  TestWorld w;
  std::unique_ptr<Edge> edge;
};

}  // namespace iris::edge
