// Elements from parser events, within the limits of one stanza. Internal to xml/.
#pragma once
#include <cstddef>
#include <vector>

#include "xml/element.h"
#include "xml/limits.h"
#include "xml/reader.h"

namespace iris::xml {

class TreeBuilder {
 public:
  explicit TreeBuilder(const ParserLimits& limits) : limits_(limits) {}

  // Each says what limit is broken, or null.
  [[nodiscard]] const char* start(const QualifiedName& name, std::vector<Attribute> attributes);
  [[nodiscard]] const char* text(std::string_view text);
  // True when the tree is complete, to be taken.
  [[nodiscard]] bool end();
  bool is_empty() const { return open_.empty(); }
  Element take();
  void clear();  // gives its memory back too

 private:
  const ParserLimits& limits_;
  Element root_;
  // Path from the root. Stable: only the last one's children grow.
  std::vector<Element*> open_;
  std::size_t nodes_ = 0, bytes_ = 0;
};

}  // namespace iris::xml
