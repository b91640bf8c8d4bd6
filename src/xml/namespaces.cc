#include "xml/namespaces.h"

namespace iris::xml {

void Namespaces::declare(std::string_view prefix, std::string_view uri, std::size_t depth) {
  const auto begin = static_cast<std::uint32_t>(text_.size());
  text_ += prefix;
  text_ += uri;
  bindings_.push_back({begin, static_cast<std::uint32_t>(begin + prefix.size()),
                       static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(depth)});
}

void Namespaces::leave(std::size_t depth) {
  while (!bindings_.empty() && bindings_.back().depth == depth) {
    text_.resize(bindings_.back().prefix_begin);
    bindings_.pop_back();
  }
}

std::optional<std::string_view> Namespaces::find(std::string_view prefix) const {
  const std::string_view text = text_;
  for (auto it = bindings_.rbegin(); it != bindings_.rend(); ++it)
    if (text.substr(it->prefix_begin, it->uri_begin - it->prefix_begin) == prefix)
      return text.substr(it->uri_begin, it->end - it->uri_begin);
  return std::nullopt;
}

}  // namespace iris::xml
