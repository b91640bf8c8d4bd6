// For tests and fuzzing: a transport in memory, whose peer is the test.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "edge/transport.h"

namespace iris::edge {

class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(Framing framing = Framing::stream) : framing_(framing) {}

  Framing framing() const override { return framing_; }
  void send(std::string bytes) override {
    if (closed) return;
    out += bytes;
    messages.push_back(std::move(bytes));
  }
  void close() override { closed = true; }
  std::size_t output_bytes() const override { return 0; }
  bool is_congested() const override { return false; }
  void hold_input(bool hold) override { held = hold; }
  void set_message_max(std::size_t bytes) override { message_max = bytes; }
  bool can_start_tls() const override { return offers_tls && !encrypted; }
  void start_tls() override { handshake = true; }
  bool is_encrypted() const override { return encrypted; }
  xmpp::ChannelBinding channel_binding() const override { return binding; }
  void move_to(io::Loop& target, base::Callback<void()> done) override { target.post(std::move(done)); }
  const net::Address& peer() const override { return address; }

  std::string out;                    // all that was sent
  std::vector<std::string> messages;  // the same, by send()
  bool closed = false, held = false, offers_tls = true, handshake = false, encrypted = false;
  std::size_t message_max = 0;
  xmpp::ChannelBinding binding;
  net::Address address{"192.0.2.1", 50000};

 private:
  const Framing framing_;
};

}  // namespace iris::edge
