#include "xmpp/prepare.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/check.h"
#include "iris_rust.h"

namespace iris::xmpp {
namespace {

enum Allowed : unsigned char { kNowhere = 0, kInResource = 1, kInLocal = 2, kInDomain = 4 };

// What ASCII may be where. RFC 8264 §9.11: U+0021 to U+007E are in both string classes, the space in the freeform one.
constexpr std::array<unsigned char, 128> kAscii = [] {
  std::array<unsigned char, 128> table{};
  for (int c = 0x20; c < 0x7F; ++c) table[c] = kInResource | (c == 0x20 ? 0 : kInLocal);
  for (const char c : std::string_view("\"&'/:<>@")) table[c] &= ~kInLocal;  // RFC 7622 §3.3.1
  for (char c = 'a'; c <= 'z'; ++c) table[c] |= kInDomain;
  for (char c = 'A'; c <= 'Z'; ++c) table[c] |= kInDomain;
  for (char c = '0'; c <= '9'; ++c) table[c] |= kInDomain;
  table['-'] |= kInDomain;
  table['.'] |= kInDomain;
  return table;
}();

bool all_allowed(std::string_view text, Allowed where) {
  return std::ranges::all_of(text, [&](char c) { return (kAscii[static_cast<unsigned char>(c)] & where) != 0; });
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

using Function = std::int64_t (*)(const std::uint8_t*, std::size_t, std::uint8_t*, std::size_t);

std::optional<std::string> slow(std::string_view text, Function prepare, std::size_t bytes_max) {
  // Preparation may shorten (normalisation, punycode), but hardly by more than this; and work is bounded by it.
  if (text.size() > 4 * bytes_max) return std::nullopt;
  std::array<std::uint8_t, std::max(kJidPartBytesMax, kPasswordBytesMax)> buffer;
  const auto size = prepare(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), buffer.data(), bytes_max);
  if (size < 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(size));
}

// RFC 5890 §2.3.1: letters, digits, hyphen; not at the ends. Labels that say "xn--" have to be decoded.
enum class Label { plain, bad, encoded };
Label look_at_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return Label::bad;
  return label.starts_with("xn--") ? Label::encoded : Label::plain;
}

// `text` is ASCII. Nothing: not for the fast path.
std::optional<std::optional<std::string>> fast_domain(std::string_view text) {
  if (text.starts_with('[')) return std::nullopt;  // IPv6
  if (text.ends_with('.')) text.remove_suffix(1);  // RFC 7622 §3.2
  const std::optional<std::string> bad;
  if (text.size() > 253 || !all_allowed(text, kInDomain)) return bad;  // RFC 1034 §3.1
  std::string name = lowered(text);
  for (std::string_view rest = name;;) {
    const auto dot = rest.find('.');
    const Label label = look_at_label(rest.substr(0, dot));
    if (label == Label::encoded) return std::nullopt;
    if (label == Label::bad) return bad;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return name;
}

}  // namespace

std::optional<std::string> prepare_local(std::string_view text, Path path) {
  if (path == Path::slow || !is_ascii(text)) return slow(text, &iris_prepare_local, kJidPartBytesMax);
  if (text.empty() || text.size() > kJidPartBytesMax || !all_allowed(text, kInLocal)) return std::nullopt;
  return lowered(text);
}

std::optional<std::string> prepare_domain(std::string_view text, Path path) {
  if (path == Path::fast_if_ascii && is_ascii(text)) {
    if (auto answer = fast_domain(text)) return *std::move(answer);
  }
  return slow(text, &iris_prepare_domain, kJidPartBytesMax);
}

std::optional<std::string> prepare_resource(std::string_view text, Path path) {
  if (path == Path::slow || !is_ascii(text)) return slow(text, &iris_prepare_opaque, kJidPartBytesMax);
  if (text.empty() || text.size() > kJidPartBytesMax || !all_allowed(text, kInResource)) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> prepare_password(std::string_view text) {
  return slow(text, &iris_prepare_opaque, kPasswordBytesMax);
}

int unicode_version() { return static_cast<int>(iris_unicode_version()); }

}  // namespace iris::xmpp
