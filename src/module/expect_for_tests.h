// Whether a stanza says what a test or a dialogue expects. What is expected is XML too: the element, the attributes,
// the text and the children that it names must be there, in this order; what it does not name may be there as well.
//   '*' as a value: anything, but present.   '-' as a value: the attribute is absent.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "xml/element.h"
#include "xml/push_parser.h"

namespace iris::module {

inline std::string trimmed(std::string_view text) {
  auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

// Empty: it does. Else what is missing.
inline std::string mismatch(const xml::Element& actual, const xml::Element& expected) {
  if (actual.name != expected.name || actual.ns != expected.ns)
    return "<" + expected.name + " xmlns='" + expected.ns + "'> is <" + actual.name + " xmlns='" + actual.ns + "'>";
  for (const auto& attribute : expected.attributes) {
    auto value = actual.attribute(attribute.name, attribute.ns);
    if (attribute.value == "-" ? value.has_value() : !value || (attribute.value != "*" && *value != attribute.value))
      return attribute.name + "='" + attribute.value + "' is '" + (value ? std::string(*value) : "(absent)") +
             "' in <" + actual.name + ">";
  }
  auto text = trimmed(expected.text());
  if (!text.empty() && text != "*" && trimmed(actual.text()) != text)
    return "text '" + text + "' is '" + actual.text() + "' in <" + actual.name + ">";
  auto children = actual.elements();
  auto next = children.begin();
  for (const auto* wanted : expected.elements()) {
    next = std::find_if(next, children.end(), [&](const auto* child) { return mismatch(*child, *wanted).empty(); });
    if (next == children.end()) return "no " + wanted->serialize(expected.ns) + " in <" + actual.name + ">";
    ++next;
  }
  return {};
}

inline std::variant<xml::Element, xml::ParseError> parse_stanza_text(std::string_view text) {
  auto parsed = xml::parse_document(std::string("<x xmlns='jabber:client'>").append(text) + "</x>");
  if (auto* outer = std::get_if<xml::Element>(&parsed))
    if (const auto* first = outer->first_child()) return *first;
  if (auto* error = std::get_if<xml::ParseError>(&parsed)) return *error;
  return xml::ParseError{xml::Fault::not_well_formed, "no element"};
}

inline std::string mismatch(std::string_view actual, std::string_view expected) {
  auto a = parse_stanza_text(actual), e = parse_stanza_text(expected);
  if (std::holds_alternative<xml::ParseError>(a)) return "not well-formed: " + std::string(actual);
  if (std::holds_alternative<xml::ParseError>(e)) return "the expectation is not well-formed: " + std::string(expected);
  return mismatch(std::get<xml::Element>(a), std::get<xml::Element>(e));
}

// These and no others, in this order.
inline testing::AssertionResult are(const std::vector<std::string>& actual, const std::vector<std::string>& expected) {
  std::string why;
  if (actual.size() != expected.size())
    why = std::to_string(expected.size()) + " expected, " + std::to_string(actual.size()) + " there";
  for (std::size_t i = 0; why.empty() && i < actual.size(); ++i)
    if (auto wrong = mismatch(actual[i], expected[i]); !wrong.empty())
      why = "number " + std::to_string(i) + ": " + wrong;
  if (why.empty()) return testing::AssertionSuccess();
  for (const auto& stanza : actual) why += "\n  " + stanza;
  return testing::AssertionFailure() << why;
}

}  // namespace iris::module
