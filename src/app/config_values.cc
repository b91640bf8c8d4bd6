#include "app/config_values.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <span>

#include "net/address.h"
#include "xmpp/jid.h"

namespace iris::app {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest first.
constexpr Unit kTimeUnits[] = {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000},
                               {"s", 1'000'000},      {"ms", 1'000},        {"us", 1}};
constexpr Unit kSizeUnits[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}};

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / unit.factor)
      return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

std::string format(std::uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units)
    if (value != 0 && value % unit.factor == 0) return std::to_string(value / unit.factor) + std::string(unit.name);
  return std::to_string(value) + std::string(units.back().name);
}

}  // namespace

std::optional<base::Duration> parse_duration(std::string_view text) {
  const auto value = parse(text, kTimeUnits);
  if (!value) return std::nullopt;
  return base::Duration{static_cast<std::int64_t>(*value)};
}

std::string format_duration(base::Duration value) {
  if (value.count() == 0) return "0s";
  return format(static_cast<std::uint64_t>(value.count()), kTimeUnits);
}

std::optional<std::uint64_t> parse_size(std::string_view text) { return parse(text, kSizeUnits); }

std::string format_size(std::uint64_t bytes) { return format(bytes, kSizeUnits); }

bool is_uri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto is_alpha = [](unsigned char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  const auto in_scheme = [&](unsigned char c) {
    return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  const auto in_uri = [](unsigned char c) { return c > ' ' && c < 0x7F && c != '<' && c != '>' && c != '"'; };
  return is_alpha(static_cast<unsigned char>(text[0])) && std::ranges::all_of(text.substr(0, colon), in_scheme) &&
         std::ranges::all_of(text, in_uri);
}

bool is_host_and_port(const std::string& text) {
  if (const auto address = net::parse_address(text)) return address->port != 0;
  const auto colon = text.find(':');
  if (colon == std::string::npos) return false;
  const std::string host = text.substr(0, colon);
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  const auto in_number = [](unsigned char c) { return (c >= '0' && c <= '9') || c == '.'; };
  return error == std::errc{} && stop == end && port != 0 && !std::ranges::all_of(host, in_number) &&
         xmpp::prepare_domain(host).has_value();
}

}  // namespace iris::app
