// XML of a stranger. Beyond not crashing: what comes out does not depend on how the bytes were cut, nor on whether the
// parser was released in between; limits hold; and what was read is written so that it reads the same.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "xml/push_parser.h"
#include "xml/writer.h"

namespace {

using namespace iris::xml;

// Small, so that they are reached. The tag's is the largest: what else would be refused is refused first.
constexpr ParserLimits kLimits{.stanza_bytes_max = 600,
                               .header_bytes_max = 400,
                               .depth_max = 6,
                               .tag_bytes_max = 600,
                               .attributes_max = 4,
                               .children_max = 20,
                               .name_bytes_max = 40,
                               .namespace_bytes_max = 60};

struct Journal final : StreamHandler {
  void on_stream_open(Element header, std::string_view default_ns) override {
    IRIS_CHECK(!open && header.children.empty());
    open = true;
    stanzas.push_back(std::move(header));
    ns = default_ns;
  }
  void on_stanza(Element&& stanza, std::size_t bytes) override {
    IRIS_CHECK(open && !closed && bytes <= kLimits.stanza_bytes_max);
    stanzas.push_back(std::move(stanza));
  }
  void on_stream_close() override {
    IRIS_CHECK(open && !closed);
    closed = true;
  }
  bool open = false;
  bool closed = false;
  bool failed = false;
  std::string ns;
  std::vector<Element> stanzas;
};

Journal read(std::string_view bytes, std::size_t piece, bool release) {
  Journal journal;
  PushParser parser(journal, kLimits);
  while (!bytes.empty() && !journal.failed) {
    journal.failed = parser.feed(bytes.substr(0, piece)).has_value();
    bytes.remove_prefix(std::min(piece, bytes.size()));
    if (release) static_cast<void>(parser.release_if_idle());
  }
  return journal;
}

// When a bad token is found to be bad may depend on the cuts; what is accepted may not.
void check_same(const Journal& a, const Journal& b) {
  IRIS_CHECK(a.stanzas == b.stanzas);
  IRIS_CHECK(a.closed == b.closed && a.ns == b.ns);
}

// Written into a place with these declarations, it reads the same there.
void check_round_trip(const Element& element, std::string_view ns) {
  std::string document = "<w xmlns:stream='" + std::string(kStreamNamespace) + "'";
  if (!ns.empty()) append_attribute(document, "xmlns", ns);
  document += '>';
  element.append_to(document, {.default_ns = ns, .stream_prefix = true});
  auto parsed = parse_document(document + "</w>");
  IRIS_CHECK(std::holds_alternative<Element>(parsed));
  IRIS_CHECK(*std::get<Element>(parsed).first_child() == element);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] % 16;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Journal whole = read(bytes, bytes.size() + 1, false);
  check_same(whole, read(bytes, piece, false));
  check_same(whole, read(bytes, piece, true));
  for (const Element& element : whole.stanzas) check_round_trip(element, whole.ns);

  auto document = parse_document(bytes);
  if (const auto* element = std::get_if<Element>(&document)) check_round_trip(*element, "");
  static_cast<void>(parse_fragment(bytes, "jabber:client"));
  return 0;
}
