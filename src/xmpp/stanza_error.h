// Stanza errors: RFC 6120 §8.3. The answer to a stanza that could not be processed; the stream lives on.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "xml/element.h"

namespace iris::xmpp {

enum class StanzaCondition {
  bad_request,
  conflict,
  feature_not_implemented,
  forbidden,
  gone,
  internal_server_error,
  item_not_found,
  jid_malformed,
  not_acceptable,
  not_allowed,
  not_authorized,
  policy_violation,
  recipient_unavailable,
  redirect,
  registration_required,
  remote_server_not_found,
  remote_server_timeout,
  resource_constraint,
  service_unavailable,
  subscription_required,
  undefined_condition,
  unexpected_request,
};
inline constexpr int kStanzaConditionCount = 22;

enum class ErrorType { auth, cancel, continue_, modify, wait };  // RFC 6120 §8.3.2: what the sender may do about it

std::string_view to_string(StanzaCondition condition) noexcept;  // "bad-request"
std::string_view to_string(ErrorType type) noexcept;
std::optional<StanzaCondition> stanza_condition(std::string_view name) noexcept;
std::optional<ErrorType> error_type(std::string_view name) noexcept;
ErrorType default_type(StanzaCondition condition) noexcept;  // RFC 6120 §8.3.3

struct StanzaError {
  StanzaError(StanzaCondition c, std::string t = {})
      : condition(c), type(default_type(c)), text(std::move(t)) {}  // NOLINT
  StanzaError(StanzaCondition c, ErrorType e, std::string t = {}) : condition(c), type(e), text(std::move(t)) {}

  StanzaCondition condition;
  ErrorType type;
  std::string text;
  std::optional<xml::Element> application;  // RFC 6120 §8.3.4: the application-specific condition

  // <error type=''>; `ns` is the namespace of the stanza it goes into.
  xml::Element to_element(std::string_view ns = "jabber:client") const;
  // Reads an <error/> child; what is unknown becomes undefined-condition.
  static StanzaError from_element(const xml::Element& error);
  friend bool operator==(const StanzaError&, const StanzaError&) = default;
};

}  // namespace iris::xmpp
