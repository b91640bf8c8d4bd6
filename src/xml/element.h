// An XML element as a value: what the parser gives and what replies are built from. Names carry their namespace, never
// a prefix; the writer chooses declarations. Not for long documents: a tree is bounded by the parser's limits.
//
//   Element("iq", ns::kClient).set("type", "result").set("id", id)
//       .add(Element("query", ns::kRoster).set("ver", version))
//       .add(Element("body").add_text("hello"));       // no namespace given: takes its parent's
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace iris::xml {

struct Element;
using Node = std::variant<Element, std::string>;

struct Attribute {
  std::string name;
  std::string value;
  std::string ns{};  // empty for nearly all: unprefixed attributes have no namespace; kXmlNamespace for xml:lang
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

inline constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";
inline constexpr std::string_view kStreamNamespace = "http://etherx.jabber.org/streams";

// What is already declared where an element is written.
struct Scope {
  std::string_view default_ns{};
  bool stream_prefix = false;  // xmlns:stream is declared (RFC 6120 §4.8.5): stream elements are written `stream:…`
};

struct Element {
  std::string name;
  std::string ns;
  std::vector<Attribute> attributes;
  std::vector<Node> children;

  Element() = default;
  explicit Element(std::string_view element_name, std::string_view element_ns = {})
      : name(element_name), ns(element_ns) {}

  // --- reading
  bool is(std::string_view element_name, std::string_view element_ns) const {
    return name == element_name && ns == element_ns;
  }
  // First child element of that name and namespace; of that name in this element's own namespace.
  const Element* child(std::string_view child_name, std::string_view child_ns) const;
  const Element* child(std::string_view child_name) const { return child(child_name, ns); }
  // First child element, of any name, or null.
  const Element* first_child() const;
  // First child element in that namespace, whatever its name.
  const Element* child_in(std::string_view child_ns) const;
  std::vector<const Element*> elements() const;  // all child elements, in order
  std::vector<const Element*> elements(std::string_view child_name, std::string_view child_ns) const;
  std::size_t element_count() const;

  // The value, or nothing when the attribute is absent (an empty one is present).
  std::optional<std::string_view> attribute(std::string_view attribute_name, std::string_view attribute_ns = {}) const;
  // The same, with an absent one read as `fallback`.
  std::string_view attribute_or(std::string_view attribute_name, std::string_view fallback) const;
  // Text directly inside, joined; not that of descendants.
  std::string text() const;
  // text() of a child, or empty.
  std::string child_text(std::string_view child_name, std::string_view child_ns) const;

  // --- building: each returns the element, so that calls chain. set() replaces an attribute of the same name.
  Element& set(std::string_view attribute_name, std::string_view value) &;
  Element&& set(std::string_view attribute_name, std::string_view value) &&;
  Element& set_lang(std::string_view lang) &;  // xml:lang
  Element&& set_lang(std::string_view lang) &&;
  // A child (and its descendants, down to the first that has one) without a namespace takes this element's.
  Element& add(Element child_element) &;
  Element&& add(Element child_element) &&;
  Element& add_text(std::string_view text) &;
  Element&& add_text(std::string_view text) &&;
  void remove_attribute(std::string_view attribute_name, std::string_view attribute_ns = {});
  // Removes the child elements for which `predicate(const Element&)` holds; returns how many.
  template <typename Predicate>
  std::size_t remove_children(Predicate predicate) {
    return std::erase_if(children, [&](const Node& node) {
      const auto* element = std::get_if<Element>(&node);
      return element != nullptr && predicate(*element);
    });
  }

  // --- writing. Only a namespace that differs from what the scope declares is declared.
  void append_to(std::string& out, Scope scope = {}) const;
  void append_children_to(std::string& out, Scope scope = {}) const;  // the inside only
  std::string serialize(std::string_view parent_ns = {}) const;

  friend bool operator==(const Element&, const Element&) = default;
};

}  // namespace iris::xml
