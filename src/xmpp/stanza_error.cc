#include "xmpp/stanza_error.h"

#include <algorithm>
#include <array>

#include "xmpp/ns.h"

namespace iris::xmpp {
namespace {

struct Row {
  std::string_view name;
  ErrorType type;
};

// RFC 6120 §8.3.3, each with the type that the text gives or shows first
constexpr std::array<Row, kStanzaConditionCount> kConditions = {{
    {"bad-request", ErrorType::modify},
    {"conflict", ErrorType::cancel},
    {"feature-not-implemented", ErrorType::cancel},
    {"forbidden", ErrorType::auth},
    {"gone", ErrorType::cancel},
    {"internal-server-error", ErrorType::cancel},
    {"item-not-found", ErrorType::cancel},
    {"jid-malformed", ErrorType::modify},
    {"not-acceptable", ErrorType::modify},
    {"not-allowed", ErrorType::cancel},
    {"not-authorized", ErrorType::auth},
    {"policy-violation", ErrorType::modify},
    {"recipient-unavailable", ErrorType::wait},
    {"redirect", ErrorType::modify},
    {"registration-required", ErrorType::auth},
    {"remote-server-not-found", ErrorType::cancel},
    {"remote-server-timeout", ErrorType::wait},
    {"resource-constraint", ErrorType::wait},
    {"service-unavailable", ErrorType::cancel},
    {"subscription-required", ErrorType::auth},
    {"undefined-condition", ErrorType::cancel},
    {"unexpected-request", ErrorType::wait},
}};
static_assert(static_cast<int>(StanzaCondition::unexpected_request) + 1 == kStanzaConditionCount);

constexpr std::array<std::string_view, 5> kTypes = {"auth", "cancel", "continue", "modify", "wait"};

}  // namespace

std::string_view to_string(StanzaCondition condition) noexcept {
  return kConditions[static_cast<std::size_t>(condition)].name;
}

std::string_view to_string(ErrorType type) noexcept { return kTypes[static_cast<std::size_t>(type)]; }

std::optional<StanzaCondition> stanza_condition(std::string_view name) noexcept {
  const auto* found = std::ranges::find(kConditions, name, &Row::name);
  if (found == kConditions.end()) return std::nullopt;
  return static_cast<StanzaCondition>(found - kConditions.begin());
}

std::optional<ErrorType> error_type(std::string_view name) noexcept {
  const auto* found = std::ranges::find(kTypes, name);
  if (found == kTypes.end()) return std::nullopt;
  return static_cast<ErrorType>(found - kTypes.begin());
}

ErrorType default_type(StanzaCondition condition) noexcept {
  return kConditions[static_cast<std::size_t>(condition)].type;
}

xml::Element StanzaError::to_element(std::string_view ns) const {
  xml::Element error("error", ns);
  error.set("type", to_string(type)).add(xml::Element(to_string(condition), ns::kStanzaErrors));
  if (!text.empty()) error.add(xml::Element("text", ns::kStanzaErrors).set_lang("en").add_text(text));
  if (application) error.add(*application);
  return error;
}

StanzaError StanzaError::from_element(const xml::Element& error) {
  StanzaError read(StanzaCondition::undefined_condition);
  for (const xml::Element* child : error.elements()) {
    if (child->ns != ns::kStanzaErrors) {
      read.application = *child;
    } else if (child->name == "text") {
      read.text = child->text();
    } else if (const auto condition = stanza_condition(child->name)) {
      read.condition = *condition;
    }
  }
  read.type = error_type(error.attribute_or("type", "")).value_or(default_type(read.condition));
  return read;
}

}  // namespace iris::xmpp
