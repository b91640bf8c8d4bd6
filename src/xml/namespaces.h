// The namespaces that are declared where a reader stands (Namespaces in XML 1.0 §6). Internal to xml/.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iris::xml {

class Namespaces {
 public:
  // An element at `depth`, counted from 1, declares it.
  void declare(std::string_view prefix, std::string_view uri, std::size_t depth);
  // The element at `depth` ends.
  void leave(std::size_t depth);
  // What the prefix stands for; empty: the default namespace. The view ends with the next change. Nothing: not
  // declared.
  std::optional<std::string_view> find(std::string_view prefix) const;
  std::size_t size() const { return bindings_.size(); }

 private:
  struct Binding {
    std::uint32_t prefix_begin, uri_begin, end;  // in text_
    std::uint32_t depth;
  };
  std::string text_;  // prefixes and what they stand for, one behind the other
  std::vector<Binding> bindings_;
};

}  // namespace iris::xml
