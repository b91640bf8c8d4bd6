#include "xml/tree_builder.h"

#include <utility>

#include "base/check.h"

namespace iris::xml {
namespace {

constexpr std::size_t kAttributeBytes = 32;

}  // namespace

const char* TreeBuilder::start(const QualifiedName& name, std::vector<Attribute> attributes) {
  if (open_.size() >= limits_.depth_max) return "elements too deep";
  if (++nodes_ > limits_.children_max) return "too many elements";
  bytes_ += name.local.size() + name.ns.size();
  for (const Attribute& attribute : attributes)
    bytes_ += attribute.name.size() + attribute.value.size() + attribute.ns.size() + kAttributeBytes;
  if (bytes_ > limits_.tree_bytes_max) return "too many names";
  Element element(name.local, name.ns);
  element.attributes = std::move(attributes);
  if (open_.empty()) {
    root_ = std::move(element);
    open_.push_back(&root_);
  } else {
    auto& siblings = open_.back()->children;
    siblings.emplace_back(std::move(element));
    open_.push_back(&std::get<Element>(siblings.back()));
  }
  return nullptr;
}

const char* TreeBuilder::text(std::string_view text) {
  IRIS_CHECK(!open_.empty());
  auto& siblings = open_.back()->children;
  if ((bytes_ += text.size()) > limits_.tree_bytes_max) return "too much text";
  // Text comes in pieces.
  if (!siblings.empty() && std::holds_alternative<std::string>(siblings.back())) {
    std::get<std::string>(siblings.back()) += text;
    return nullptr;
  }
  if (++nodes_ > limits_.children_max) return "too many elements";
  siblings.emplace_back(std::string(text));
  return nullptr;
}

bool TreeBuilder::end() {
  IRIS_CHECK(!open_.empty());
  open_.pop_back();
  return open_.empty();
}

Element TreeBuilder::take() {
  nodes_ = bytes_ = 0;
  return std::exchange(root_, Element());
}

void TreeBuilder::clear() {
  nodes_ = bytes_ = 0;
  root_ = Element();
  open_ = {};
}

}  // namespace iris::xml
