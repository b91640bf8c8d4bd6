// The bytes of a stranger, and of one who has logged in, on a client's stream: nothing may crash, and a stream that was
// refused stays closed. The first byte chooses framing, and how far the login has come before the fuzzer's bytes begin.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/log.h"
#include "edge/edge.h"
#include "edge/fake_transport.h"
#include "edge/stream.h"
#include "edge/test_world.h"
#include "xmpp/base64.h"

namespace {

using namespace iris;
using namespace iris::edge;

constexpr std::string_view kHeader =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' "
    "version='1.0'>";
constexpr std::string_view kOpen = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";

struct Conversation {
  explicit Conversation(Framing framing) : transport(std::make_shared<FakeTransport>(framing)) {
    w.options.registration = Registration::open;
    w.options.scram_iterations = 1;
    w.bus.attach(0, w.loop, [this](record::BusMessage&& message) { edge->on_bus(std::move(message)); });
    edge = std::make_unique<Edge>(Wiring{w.loop, 0, w.log, w.bus, w.owners, w.store}, w.options);
    transport->encrypted = true;
    stream = std::make_shared<Stream>(*edge, transport);
    edge->add(stream);
    stream->start();
  }
  ~Conversation() {
    stream->on_closed("the end");
    w.run();
  }
  void say(std::string_view bytes) {
    if (transport->framing() == Framing::stream)
      stream->on_bytes(bytes);
    else
      stream->on_message(bytes);
    w.run();
  }
  void log_in(bool bind) {
    edge->accounts().create("romeo@localhost", "secret", [](auto) {});
    w.run(std::chrono::milliseconds{50});
    const bool messages = transport->framing() == Framing::messages;
    say(messages ? kOpen : kHeader);
    say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
        xmpp::base64_encode({"\0romeo\0secret", 13}) + "</auth>");
    say(messages ? kOpen : kHeader);
    if (bind) say("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  }

  TestWorld w;
  std::unique_ptr<Edge> edge;
  std::shared_ptr<FakeTransport> transport;
  std::shared_ptr<Stream> stream;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const bool quiet = (base::set_log_level(base::Level::error), true);
  (void)quiet;
  Conversation conversation((data[0] & 1) != 0 ? Framing::messages : Framing::stream);
  if ((data[0] & 2) != 0) conversation.log_in((data[0] & 4) != 0);
  std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t piece = (data[0] & 8) != 0 ? 7 : input.size() + 1;
  while (!input.empty()) {
    const bool was_closed = conversation.transport->closed;
    const std::size_t sent = conversation.transport->out.size();
    conversation.say(input.substr(0, piece));
    IRIS_CHECK(!was_closed || conversation.transport->out.size() == sent);
    input.remove_prefix(std::min(piece, input.size()));
  }
  return 0;
}
