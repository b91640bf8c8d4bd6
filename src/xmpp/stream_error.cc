#include "xmpp/stream_error.h"

#include <algorithm>
#include <array>

#include "xmpp/ns.h"

namespace iris::xmpp {
namespace {

constexpr std::array<std::string_view, kStreamConditionCount> kNames = {
    "bad-format",
    "bad-namespace-prefix",
    "conflict",
    "connection-timeout",
    "host-gone",
    "host-unknown",
    "improper-addressing",
    "internal-server-error",
    "invalid-from",
    "invalid-namespace",
    "invalid-xml",
    "not-authorized",
    "not-well-formed",
    "policy-violation",
    "remote-connection-failed",
    "reset",
    "resource-constraint",
    "restricted-xml",
    "see-other-host",
    "system-shutdown",
    "undefined-condition",
    "unsupported-encoding",
    "unsupported-feature",
    "unsupported-stanza-type",
    "unsupported-version",
};
static_assert(static_cast<int>(StreamCondition::unsupported_version) + 1 == kStreamConditionCount);

}  // namespace

std::string_view to_string(StreamCondition condition) noexcept { return kNames[static_cast<std::size_t>(condition)]; }

std::optional<StreamCondition> stream_condition(std::string_view name) noexcept {
  const auto* found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<StreamCondition>(found - kNames.begin());
}

xml::Element StreamError::to_element() const {
  xml::Element defined(to_string(condition), ns::kStreamErrors);
  const bool redirects = condition == StreamCondition::see_other_host;
  if (redirects) defined.add_text(text);
  xml::Element error("error", ns::kStream);
  error.add(std::move(defined));
  if (!text.empty() && !redirects) {
    error.add(xml::Element("text", ns::kStreamErrors).set_lang("en").add_text(text));  // RFC 6120 §4.9.2
  }
  return error;
}

StreamError to_stream_error(const xml::ParseError& error) {
  // A fault has the name of its condition.
  const auto condition = stream_condition(xml::to_string(error.fault));
  return {condition.value_or(StreamCondition::bad_format), error.text};
}

}  // namespace iris::xmpp
