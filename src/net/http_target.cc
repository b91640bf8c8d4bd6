#include "net/http_target.h"

#include <algorithm>
#include <cctype>

#include "net/http.h"

namespace iris::net {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kInBrackets = "0123456789ABCDEFabcdef:.";
constexpr std::string_view kNameMarks = "-._~%!$&'()*+,;=";  // RFC 3986 §3.2.2, beside letters and digits

bool consists_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    decoded += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return decoded;
}

}  // namespace

bool is_host(std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    if (!consists_of(text.substr(1, end - 1), kInBrackets)) return false;
    port = text.substr(end + 1);
  } else {
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    const auto fits = [](unsigned char c) {
      return c < 0x80 && (std::isalnum(c) != 0 || kNameMarks.contains(static_cast<char>(c)));
    };
    if (!std::ranges::all_of(name, fits) || (name.empty() && !text.empty())) return false;
    port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
  }
  return port.empty() || (port.starts_with(':') && port.size() <= 6 && consists_of(port.substr(1), kDigits));
}

std::optional<std::string> take_authority(std::string_view& target) {
  constexpr std::string_view kMark = "://";
  const auto mark = target.find(kMark);
  if (mark != 4 && mark != 5) return std::nullopt;
  const auto scheme = target.substr(0, mark);
  if (!same_name(scheme, "http") && !same_name(scheme, "https")) return std::nullopt;
  target.remove_prefix(mark + kMark.size());
  const auto end = std::min(target.find_first_of("/?"), target.size());
  std::string authority(target.substr(0, end));
  target.remove_prefix(end);
  return authority;
}

bool decode_target(std::string_view target, std::string& path, std::string& query) {
  const auto question = target.find('?');
  query = question == std::string_view::npos ? std::string() : std::string(target.substr(question + 1));
  const auto decoded = percent_decoded(target.substr(0, question));
  if (!decoded || !decoded->starts_with('/')) return false;
  // After decoding, so that %2e and %2f hide nothing.
  for (std::size_t begin = 1; begin <= decoded->size();) {
    const std::size_t end = std::min(decoded->find('/', begin), decoded->size());
    const std::string_view part(decoded->data() + begin, end - begin);
    if (part == "." || part == ".." || part.find('\0') != std::string_view::npos) return false;
    begin = end + 1;
  }
  path = *decoded;
  return true;
}

}  // namespace iris::net
