// Paging: XEP-0059 Result Set Management.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "xml/element.h"

namespace iris::xmpp {

// <set/> of a request. `before` and `after` may both be absent; `before` present and empty asks for the last page
// (§2.5).
struct PageRequest {
  std::optional<std::uint32_t> max;
  std::optional<std::string> after;
  std::optional<std::string> before;
  std::optional<std::uint32_t> index;

  bool backwards() const { return before.has_value(); }
  xml::Element to_element() const;
};

struct PageAnswer {
  std::optional<std::string> first;  // absent when the page is empty
  std::optional<std::string> last;
  std::optional<std::uint64_t> first_index;
  std::optional<std::uint64_t> count;

  xml::Element to_element() const;
};

// Reads the <set/> child of `query`. No such child: an empty request. Nothing: malformed, to be answered bad-request.
std::optional<PageRequest> read_page_request(const xml::Element& query);

}  // namespace iris::xmpp
