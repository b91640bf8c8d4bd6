// From bytes to the events of a document, by the part of XML 1.0 with namespaces that RFC 6120 §11.1 leaves, with the
// limits of single tags. Internal to xml/. Owned by a parser, on its loop. Knows nothing of streams and stanzas.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xml/element.h"
#include "xml/limits.h"
#include "xml/namespaces.h"
#include "xml/push_parser.h"

namespace iris::xml {

struct QualifiedName {
  std::string_view local;
  std::string_view ns;      // empty: none
  std::string_view prefix;  // empty: none
};

// What the views show is gone after the call.
class ReaderEvents {
 public:
  virtual void on_namespace(std::string_view prefix, std::string_view uri) = 0;  // before the element that declares it
  virtual void on_start(const QualifiedName& name, std::vector<Attribute> attributes) = 0;
  virtual void on_text(std::string_view text) = 0;  // what belongs together may come in several
  virtual void on_end() = 0;

 protected:
  ~ReaderEvents() = default;
};

// A tag is read when it is there as a whole: an unfinished one is kept, and read again from its beginning with the
// bytes that come. Text is handed on as far as it has come. What is not XML is found at once, wherever bytes are cut.
class Reader {
 public:
  Reader(ReaderEvents& events, const ParserLimits& limits) : events_(events), limits_(limits) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // `last`: the document must be complete with these bytes.
  std::optional<ParseError> parse(std::string_view bytes, bool last);
  // From within an event: no further events; parse() returns the error, or nothing after stop().
  void fail(Fault fault, std::string_view text);
  void stop() { stopped_ = true; }

  // Positions in all bytes parsed so far. Of the current event, while in one.
  std::uint64_t event_begin() const { return event_begin_; }
  std::uint64_t event_end() const { return event_end_; }
  std::uint64_t bytes_parsed() const { return bytes_parsed_; }
  bool is_in_cdata() const { return place_ == Place::cdata; }

 private:
  // Of the place where the reader stands: how a piece of the input went.
  enum class Step { done, more, failed };
  enum class Place { start, prolog, content, cdata, epilog };
  struct RawAttribute {
    std::string_view name;   // as written
    std::size_t prefix = 0;  // bytes of it before the colon; 0: none
    std::string_view value;  // as written
    bool plain = true;       // no references in it, no white space to make spaces of
    bool declares() const { return name == "xmlns" || name.substr(0, prefix) == "xmlns"; }  // a namespace
  };

  std::size_t read(std::string_view input);
  Step next(std::string_view input, std::size_t& at);
  Step start_of_document(std::string_view input, std::size_t& at);
  Step declaration(std::string_view input, std::size_t& at);
  Step between(std::string_view input, std::size_t& at);
  Step markup(std::string_view input, std::size_t& at);
  Step content(std::string_view input, std::size_t& at);
  Step cdata(std::string_view input, std::size_t& at);
  Step reference(std::string_view input, std::size_t& at);
  Step start_tag(std::string_view input, std::size_t& at);
  Step end_tag(std::string_view input, std::size_t& at);

  Step wrong(Fault fault, std::string_view text);
  Step not_well_formed(std::string_view text) { return wrong(Fault::not_well_formed, text); }
  Step text(std::string_view input, std::size_t begin, std::size_t end);
  Step say(std::string_view text, std::size_t begin, std::size_t end);
  Step line_end(std::string_view input, std::size_t& at);
  Step open(std::string_view name, std::size_t prefix, bool is_empty);
  Step declare(const RawAttribute& attribute);
  void close();
  Step value_of(const RawAttribute& attribute, std::string& out);
  bool is_within_limits(const QualifiedName& name);

  ReaderEvents& events_;
  const ParserLimits& limits_;
  Place place_ = Place::start;
  bool stopped_ = false;
  std::string pending_;  // of a tag, a reference or a character that is not complete
  std::uint64_t bytes_parsed_ = 0;
  std::uint64_t base_ = 0;  // where the input that is being read begins
  std::uint64_t event_begin_ = 0, event_end_ = 0;
  std::string names_;                 // of the open elements, as written, one behind the other
  std::vector<std::uint32_t> opens_;  // where they begin
  Namespaces namespaces_;
  std::vector<RawAttribute> attributes_;
  std::optional<ParseError> error_;
};

}  // namespace iris::xml
