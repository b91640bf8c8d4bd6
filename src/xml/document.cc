// parse_document and parse_fragment: see push_parser.h.
#include <utility>

#include "xml/push_parser.h"
#include "xml/reader.h"
#include "xml/tree_builder.h"
#include "xml/writer.h"

namespace iris::xml {
namespace {

class DocumentEvents final : public ReaderEvents {
 public:
  explicit DocumentEvents(const ParserLimits& limits) : tree_(limits), reader_(*this, limits) {}

  std::optional<ParseError> parse(std::string_view bytes, bool last) { return reader_.parse(bytes, last); }
  Element take() { return tree_.take(); }

 private:
  void on_namespace(std::string_view, std::string_view) override {}
  void on_start(const QualifiedName& name, std::vector<Attribute> attributes) override {
    refuse(tree_.start(name, std::move(attributes)));
  }
  void on_text(std::string_view text) override { refuse(tree_.text(text)); }
  void on_end() override { static_cast<void>(tree_.end()); }  // the reader knows when the document is complete
  void refuse(const char* limit) {
    if (limit != nullptr) reader_.fail(Fault::policy_violation, limit);
  }

  TreeBuilder tree_;
  Reader reader_;
};

}  // namespace

std::variant<Element, ParseError> parse_document(std::string_view bytes, const ParserLimits& limits) {
  if (bytes.size() > limits.stanza_bytes_max) return ParseError{Fault::policy_violation, "stanza too big"};
  DocumentEvents events(limits);
  if (auto error = events.parse(bytes, true)) return *std::move(error);
  return events.take();
}

std::variant<Element, ParseError> parse_fragment(std::string_view bytes, std::string_view default_ns,
                                                 const ParserLimits& limits) {
  if (bytes.size() > limits.stanza_bytes_max) return ParseError{Fault::policy_violation, "stanza too big"};
  DocumentEvents events(limits);
  std::string start = "<inner";
  append_attribute(start, "xmlns", default_ns);
  start += '>';
  if (auto error = events.parse(start, false)) return *std::move(error);
  if (auto error = events.parse(bytes, false)) return *std::move(error);
  if (auto error = events.parse("</inner>", true)) return *std::move(error);
  return events.take();
}

}  // namespace iris::xml
