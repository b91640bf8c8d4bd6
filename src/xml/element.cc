#include "xml/element.h"

#include "base/check.h"
#include "xml/writer.h"

namespace iris::xml {
namespace {

void inherit_namespace(Element& element, std::string_view ns) {
  if (!element.ns.empty()) return;
  element.ns = ns;
  for (Node& node : element.children) {
    if (auto* child = std::get_if<Element>(&node)) inherit_namespace(*child, ns);
  }
}

// Namespaces in XML §3: `xml` is always declared, and its namespace may not be the default one.
std::string_view prefix_of(std::string_view ns, Scope scope) {
  if (ns == kXmlNamespace) return "xml:";
  if (scope.stream_prefix && ns == kStreamNamespace && scope.default_ns != kStreamNamespace) return "stream:";
  return "";
}

// An attribute in a namespace needs a prefix (Namespaces in XML §6.2); its declaration is written beside it.
void append_prefixed(std::string& out, const Attribute& attribute, int number) {
  const std::string prefix = "a" + std::to_string(number);
  append_attribute(out, "xmlns:" + prefix, attribute.ns);
  append_attribute(out, prefix + ":" + attribute.name, attribute.value);
}

}  // namespace

const Element* Element::child(std::string_view child_name, std::string_view child_ns) const {
  for (const Node& node : children) {
    const auto* element = std::get_if<Element>(&node);
    if (element != nullptr && element->is(child_name, child_ns)) return element;
  }
  return nullptr;
}

const Element* Element::first_child() const {
  for (const Node& node : children) {
    if (const auto* element = std::get_if<Element>(&node)) return element;
  }
  return nullptr;
}

const Element* Element::child_in(std::string_view child_ns) const {
  for (const Node& node : children) {
    const auto* element = std::get_if<Element>(&node);
    if (element != nullptr && element->ns == child_ns) return element;
  }
  return nullptr;
}

std::vector<const Element*> Element::elements() const {
  std::vector<const Element*> found;
  for (const Node& node : children) {
    if (const auto* element = std::get_if<Element>(&node)) found.push_back(element);
  }
  return found;
}

std::vector<const Element*> Element::elements(std::string_view child_name, std::string_view child_ns) const {
  std::vector<const Element*> found = elements();
  std::erase_if(found, [&](const Element* element) { return !element->is(child_name, child_ns); });
  return found;
}

std::size_t Element::element_count() const {
  std::size_t count = 0;
  for (const Node& node : children) count += std::holds_alternative<Element>(node) ? 1 : 0;
  return count;
}

std::optional<std::string_view> Element::attribute(std::string_view attribute_name,
                                                   std::string_view attribute_ns) const {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == attribute_name && attribute.ns == attribute_ns) return attribute.value;
  }
  return std::nullopt;
}

std::string_view Element::attribute_or(std::string_view attribute_name, std::string_view fallback) const {
  return attribute(attribute_name).value_or(fallback);
}

std::string Element::text() const {
  std::string joined;
  for (const Node& node : children) {
    if (const auto* text = std::get_if<std::string>(&node)) joined += *text;
  }
  return joined;
}

std::string Element::child_text(std::string_view child_name, std::string_view child_ns) const {
  const Element* element = child(child_name, child_ns);
  return element == nullptr ? std::string() : element->text();
}

Element& Element::set(std::string_view attribute_name, std::string_view value) & {
  IRIS_CHECK(!attribute_name.starts_with("xmlns"));  // declarations are the writer's
  for (Attribute& attribute : attributes) {
    if (attribute.name == attribute_name && attribute.ns.empty()) {
      attribute.value = value;
      return *this;
    }
  }
  attributes.push_back({std::string(attribute_name), std::string(value)});
  return *this;
}

Element&& Element::set(std::string_view attribute_name, std::string_view value) && {
  return std::move(set(attribute_name, value));
}

Element& Element::set_lang(std::string_view lang) & {
  remove_attribute("lang", kXmlNamespace);
  attributes.push_back({"lang", std::string(lang), std::string(kXmlNamespace)});
  return *this;
}

Element&& Element::set_lang(std::string_view lang) && { return std::move(set_lang(lang)); }

Element& Element::add(Element child_element) & {
  inherit_namespace(child_element, ns);
  children.emplace_back(std::move(child_element));
  return *this;
}

Element&& Element::add(Element child_element) && { return std::move(add(std::move(child_element))); }

Element& Element::add_text(std::string_view text) & {
  if (!text.empty()) children.emplace_back(std::string(text));
  return *this;
}

Element&& Element::add_text(std::string_view text) && { return std::move(add_text(text)); }

void Element::remove_attribute(std::string_view attribute_name, std::string_view attribute_ns) {
  std::erase_if(attributes, [&](const Attribute& attribute) {
    return attribute.name == attribute_name && attribute.ns == attribute_ns;
  });
}

void Element::append_to(std::string& out, Scope scope) const {
  const std::string_view prefix = prefix_of(ns, scope);
  out.append("<").append(prefix).append(name);
  if (prefix.empty() && ns != scope.default_ns) {
    append_attribute(out, "xmlns", ns);
    scope.default_ns = ns;
  }
  int number = 0;
  for (const Attribute& attribute : attributes) {
    if (attribute.ns.empty()) {
      append_attribute(out, attribute.name, attribute.value);
    } else if (attribute.ns == kXmlNamespace) {
      append_attribute(out, "xml:" + attribute.name, attribute.value);
    } else {
      append_prefixed(out, attribute, number++);
    }
  }
  if (children.empty()) {
    out += "/>";
    return;
  }
  out += '>';
  append_children_to(out, scope);
  out.append("</").append(prefix).append(name).append(">");
}

void Element::append_children_to(std::string& out, Scope scope) const {
  for (const Node& node : children) {
    if (const auto* element = std::get_if<Element>(&node)) {
      element->append_to(out, scope);
    } else {
      escape_text(out, std::get<std::string>(node));
    }
  }
}

std::string Element::serialize(std::string_view parent_ns) const {
  std::string out;
  append_to(out, {.default_ns = parent_ns});
  return out;
}

}  // namespace iris::xml
