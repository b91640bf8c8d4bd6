// Stream errors: RFC 6120 §4.9. The stream is closed after one.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "xml/element.h"
#include "xml/push_parser.h"

namespace iris::xmpp {

enum class StreamCondition {
  bad_format,
  bad_namespace_prefix,
  conflict,
  connection_timeout,
  host_gone,
  host_unknown,
  improper_addressing,
  internal_server_error,
  invalid_from,
  invalid_namespace,
  invalid_xml,
  not_authorized,
  not_well_formed,
  policy_violation,
  remote_connection_failed,
  reset,
  resource_constraint,
  restricted_xml,
  see_other_host,
  system_shutdown,
  undefined_condition,
  unsupported_encoding,
  unsupported_feature,
  unsupported_stanza_type,
  unsupported_version,
};
inline constexpr int kStreamConditionCount = 25;

std::string_view to_string(StreamCondition condition) noexcept;  // "bad-format"
std::optional<StreamCondition> stream_condition(std::string_view name) noexcept;

struct StreamError {
  StreamCondition condition{};
  std::string text{};  // English, for people; see-other-host: where to (RFC 6120 §4.9.3.19)

  xml::Element to_element() const;  // <error xmlns='http://etherx.jabber.org/streams'>
  friend bool operator==(const StreamError&, const StreamError&) = default;
};

StreamError to_stream_error(const xml::ParseError& error);

}  // namespace iris::xmpp
