// From bytes of a stranger to stanzas, by RFC 6120 §11 (a subset of XML 1.0 with namespaces) and within limits.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "xml/element.h"
#include "xml/limits.h"

namespace iris::xml {

// What is wrong with the peer's XML. Each has a stream error condition of the same name (RFC 6120 §4.9.3).
enum class Fault {
  not_well_formed,       // §4.9.3.13; also bytes that are not UTF-8
  restricted_xml,        // §4.9.3.18, §11.1: comment, processing instruction, DTD, entity reference
  policy_violation,      // §4.9.3.14: over a limit
  unsupported_encoding,  // §4.9.3.22: declared encoding is not UTF-8
  bad_namespace_prefix,  // §4.9.3.2: undeclared prefix, or a reserved one misused
  bad_format,            // §4.9.3.1: text between stanzas that is not whitespace
};
std::string_view to_string(Fault fault) noexcept;

struct ParseError {
  Fault fault{};
  std::string text;  // for the peer and the operator: which rule or limit; never content
};

// Called from within feed(). The parser must not be destroyed in a call; reset(), stop() and release are fine.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // The stream's start tag; has no children. The default namespace declared in it is `default_ns` (RFC 6120 §4.8.2).
  virtual void on_stream_open(Element header, std::string_view default_ns) = 0;
  // A complete first-level child of the stream. `bytes` is what it took on the wire.
  virtual void on_stanza(Element&& stanza, std::size_t bytes) = 0;
  virtual void on_stream_close() = 0;
  // Whitespace between stanzas (keep-alive), at most once per feed(). RFC 6120 §4.6.1
  virtual void on_whitespace() {}
};

enum class Rest { keep, drop };

// One XMPP stream over TCP. Owned by a connection, lives on its loop. About 1 KB while a parser is alive, a few
// hundred bytes after release_if_idle(). Does not know what a stream header or a stanza means.
class PushParser {
 public:
  PushParser(StreamHandler& handler, ParserLimits limits);
  ~PushParser();
  PushParser(const PushParser&) = delete;
  PushParser& operator=(const PushParser&) = delete;

  // Parses as far as the bytes go. After an error the parser stays failed and returns the same error again, until
  // reset(). After on_stream_close() or stop() bytes are ignored.
  [[nodiscard]] std::optional<ParseError> feed(std::string_view bytes);

  // A new stream begins on the same connection (RFC 6120 §4.3.3). Within a callback: bytes of the current feed() that
  // follow the stanza belong to the new stream (`keep`: after SASL), or are thrown away (`drop`: after STARTTLS, where
  // what came before the handshake must not be trusted, RFC 6120 §5.4.3.3).
  void reset(Rest rest = Rest::keep);

  // From the next byte on: who has shown who they are may send more.
  void set_limits(const ParserLimits& limits);

  // No more callbacks, also for the rest of the current feed().
  void stop();

  // Between stanzas: frees the parser and keeps only the stream's namespace declarations; the next byte makes it anew.
  // False, with nothing done, in the middle of a stanza.
  bool release_if_idle();

  bool is_open() const;  // the stream's start tag has been seen, its end tag not
  bool is_released() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

// One complete element with nothing around it: a WebSocket message (RFC 7395 §3.3.3), a stored stanza, a fragment.
[[nodiscard]] std::variant<Element, ParseError> parse_document(std::string_view bytes, const ParserLimits& limits = {});

// Children that were written by Element::append_children_to with default namespace `default_ns`: gives an element named
// "inner" in that namespace, holding them.
[[nodiscard]] std::variant<Element, ParseError> parse_fragment(std::string_view bytes, std::string_view default_ns,
                                                               const ParserLimits& limits = kOwnLimits);

}  // namespace iris::xml
