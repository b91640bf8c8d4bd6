// Who sits at the other end of a session: a negotiated stream, or a simulated user. The session calls it, on its loop.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "xml/element.h"
#include "xmpp/stream_error.h"

namespace iris::edge {

class Client {
 public:
  virtual ~Client() = default;
  // One complete stanza in default namespace jabber:client.
  virtual void send_stanza(std::string_view xml) = 0;
  // Of one stanza, as it was told.
  virtual std::size_t stanza_bytes_max() const = 0;
  virtual void send_ack(std::uint32_t h) = 0;  // XEP-0198 §4 <a/>
  virtual void request_ack() = 0;              // <r/>
  // Where it is, for operators: "127.0.0.1:51234, TLS".
  virtual std::string peer_name() const { return {}; }
  // Bytes written that the peer has not taken yet, and whether that is a lot: deliveries then wait at the shard.
  virtual std::size_t output_bytes() const = 0;
  virtual bool is_congested() const = 0;
  // Stop reading from the peer, and go on. A few stanzas that were read already may still come.
  virtual void hold_input(bool hold) = 0;
  // The stream is over, with this stream error; `detail`: its application-specific condition, or null (RFC 6120
  // §4.9.4). The session calls no more, and expects no detach() for it.
  virtual void end(const xmpp::StreamError& error, const xml::Element* detail) = 0;
};

}  // namespace iris::edge
