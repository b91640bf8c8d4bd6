// Expat behind the door of xml::Reader: what the reader takes for XML, and what it makes of it, must be what expat
// does.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xml/element.h"
#include "xml/limits.h"
#include "xml/push_parser.h"
#include "xml/reader.h"

struct XML_ParserStruct;

namespace iris::xml {

class ExpatReader {
 public:
  ExpatReader(ReaderEvents& events, const ParserLimits& limits);
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

  ReaderEvents& events_;
  const ParserLimits& limits_;
  XML_ParserStruct* parser_;
  std::uint64_t bytes_parsed_ = 0;
  std::optional<ParseError> error_;
  bool stopped_ = false;
};

}  // namespace iris::xml
