#include "xmpp/rsm.h"

#include <charconv>

#include "xmpp/ns.h"

namespace iris::xmpp {
namespace {

template <typename Number>
std::optional<Number> number_of(const xml::Element& element) {
  const std::string text = element.text();
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

xml::Element with_text(std::string_view name, std::string_view text) {
  return xml::Element(name, ns::kRsm).add_text(text);
}

// False if the child is there and no number.
bool read_number(const xml::Element& set, std::string_view name, std::optional<std::uint32_t>& value) {
  const auto* child = set.child(name);
  if (child == nullptr) return true;
  value = number_of<std::uint32_t>(*child);
  return value.has_value();
}

}  // namespace

xml::Element PageRequest::to_element() const {
  xml::Element set("set", ns::kRsm);
  if (max) set.add(with_text("max", std::to_string(*max)));
  if (after) set.add(with_text("after", *after));
  if (before) set.add(with_text("before", *before));
  if (index) set.add(with_text("index", std::to_string(*index)));
  return set;
}

xml::Element PageAnswer::to_element() const {
  xml::Element set("set", ns::kRsm);
  if (first) {
    auto element = with_text("first", *first);
    if (first_index) element.set("index", std::to_string(*first_index));
    set.add(std::move(element));
  }
  if (last) set.add(with_text("last", *last));
  if (count) set.add(with_text("count", std::to_string(*count)));
  return set;
}

std::optional<PageRequest> read_page_request(const xml::Element& query) {
  PageRequest request;
  const auto* set = query.child("set", ns::kRsm);
  if (set == nullptr) return request;
  if (!read_number(*set, "max", request.max) || !read_number(*set, "index", request.index)) return std::nullopt;
  if (const auto* after = set->child("after")) request.after = after->text();
  if (const auto* before = set->child("before")) request.before = before->text();
  return request;
}

}  // namespace iris::xmpp
