// Expat behind a narrow door: names split into their parts, limits of single tags and the restrictions of RFC 6120
// §11.1 applied. Internal to xml/. Owned by a parser, on its loop. Knows nothing of streams and stanzas.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xml/element.h"
#include "xml/limits.h"
#include "xml/push_parser.h"

struct XML_ParserStruct;

namespace iris::xml {

struct QualifiedName {
  std::string_view local;
  std::string_view ns;      // empty: none
  std::string_view prefix;  // empty: none
};

class ExpatEvents {
 public:
  virtual void on_namespace(std::string_view prefix, std::string_view uri) = 0;  // before the element that declares it
  virtual void on_start(const QualifiedName& name, std::vector<Attribute> attributes) = 0;
  virtual void on_text(std::string_view text) = 0;
  virtual void on_end() = 0;

 protected:
  ~ExpatEvents() = default;
};

class ExpatReader {
 public:
  ExpatReader(ExpatEvents& events, const ParserLimits& limits);
  ~ExpatReader();
  ExpatReader(const ExpatReader&) = delete;
  ExpatReader& operator=(const ExpatReader&) = delete;

  std::optional<ParseError> parse(std::string_view bytes, bool last);
  // From within an event: no further events; parse() returns the error, or nothing after stop().
  void fail(Fault fault, std::string_view text);
  void stop();

  // Positions in all bytes parsed so far. Of the current event, while in one.
  std::uint64_t event_begin() const;
  std::uint64_t event_end() const;
  std::uint64_t bytes_parsed() const { return bytes_parsed_; }

 private:
  struct Callbacks;

  void start(const char* name, const char** attributes);
  void end();
  void declare(const char* prefix, const char* uri);
  void declaration(const char* encoding);
  bool within_limits(const QualifiedName& name);
  ParseError expat_error() const;

  ExpatEvents& events_;
  const ParserLimits& limits_;
  XML_ParserStruct* parser_;
  std::uint64_t bytes_parsed_ = 0;
  std::optional<ParseError> error_;
  bool stopped_ = false;
};

}  // namespace iris::xml
