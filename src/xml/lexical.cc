#include "xml/lexical.h"

namespace iris::xml {
namespace {

bool is_character(std::uint32_t point) {
  return point >= 0x20 ? point < 0xD800 || (point >= 0xE000 && point != 0xFFFE && point != 0xFFFF && point <= 0x10FFFF)
                       : point == '\t' || point == '\n' || point == '\r';
}

// Of more than one byte in UTF-8.
bool begins_name(std::uint32_t c) {
  return (c >= 0xC0 && c <= 0x2FF && c != 0xD7 && c != 0xF7) || (c >= 0x370 && c <= 0x1FFF && c != 0x37E) ||
         c == 0x200C || c == 0x200D || (c >= 0x2070 && c <= 0x218F) || (c >= 0x2C00 && c <= 0x2FEF) ||
         (c >= 0x3001 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFDCF) || (c >= 0xFDF0 && c <= 0xFFFD) ||
         (c >= 0x10000 && c <= 0xEFFFF);
}
bool is_in_name(std::uint32_t c) {
  return begins_name(c) || c == 0xB7 || (c >= 0x300 && c <= 0x36F) || c == 0x203F || c == 0x2040;
}

}  // namespace

LongCharacter long_character(std::string_view in) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(in[i]); };
  const unsigned char first = byte(0);
  const std::size_t bytes = first >= 0xF0 && first <= 0xF4 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (bytes == 0 || first > 0xF4) return {};
  std::uint32_t point = first & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (i == in.size()) return {bytes, 0, false};
    const unsigned char next = byte(i);
    if ((next & 0xC0) != 0x80) return {};
    if (i == 1 && ((first == 0xE0 && next < 0xA0) || (first == 0xED && next > 0x9F) || (first == 0xF0 && next < 0x90) ||
                   (first == 0xF4 && next > 0x8F)))
      return {};
    point = point << 6 | (next & 0x3Fu);
  }
  if (!is_character(point)) return {};
  return {bytes, point, true};
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12);
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3F));
    }
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

Found qualified_name(std::string_view in, std::size_t& at, std::size_t& prefix) {
  const std::size_t begin = at;
  bool first = true;
  prefix = 0;
  for (;; first = false) {
    if (at == in.size()) return Found::more;
    const CharacterClass c = class_of(in[at]);
    if (c == kNameStart || (c == kName && !first)) {
      ++at;
    } else if (c == kColon && !first && prefix == 0) {
      prefix = at++ - begin;
      first = true;
      if (at == in.size()) return Found::more;
      const CharacterClass next = class_of(in[at]);
      if (next == kNameStart) continue;
      if (next != kLong) return Found::no;
      const LongCharacter found = long_character(in.substr(at));
      if (found.bytes == 0) return Found::no;
      if (!found.whole) return Found::more;
      if (!begins_name(found.point)) return Found::no;
      at += found.bytes;
    } else if (c == kLong) {
      const LongCharacter found = long_character(in.substr(at));
      if (found.bytes == 0) return Found::no;
      if (!found.whole) return Found::more;
      if (!(first ? begins_name(found.point) : is_in_name(found.point))) return Found::no;
      at += found.bytes;
    } else {
      return first ? Found::no : Found::yes;
    }
  }
}

Found spaces(std::string_view in, std::size_t& at) {
  const std::size_t begin = at;
  while (at < in.size() && is_space(in[at])) ++at;
  if (at == in.size()) return Found::more;
  return at > begin ? Found::yes : Found::no;
}

Found equals_and_quote(std::string_view in, std::size_t& at, char& quote) {
  if (spaces(in, at) == Found::more) return Found::more;
  if (in[at++] != '=') return Found::no;
  if (spaces(in, at) == Found::more) return Found::more;
  quote = in[at++];
  return class_of(quote) == kQuote ? Found::yes : Found::no;
}

Reference resolve(std::string_view name) {
  if (!name.starts_with('#')) {
    if (name == "lt") return {{}, '<'};
    if (name == "gt") return {{}, '>'};
    if (name == "amp") return {{}, '&'};
    if (name == "apos") return {{}, '\''};
    if (name == "quot") return {{}, '"'};
    return {Fault::restricted_xml};
  }
  const bool hex = name.starts_with("#x");
  name.remove_prefix(hex ? 2 : 1);
  std::uint32_t point = 0;
  for (const char c : name) {
    const int digit = c >= '0' && c <= '9'          ? c - '0'
                      : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : hex && c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                    : -1;
    if (digit < 0) return {Fault::not_well_formed};
    point = point * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
    if (point > 0x10FFFF) return {Fault::not_well_formed};
  }
  if (name.empty() || !is_character(point)) return {Fault::not_well_formed};
  return {{}, point};
}

Found reference_name(std::string_view in, std::size_t& at, std::string_view& name) {
  const std::size_t begin = at;
  if (at == in.size()) return Found::more;
  if (in[at] == '#') {
    ++at;
    if (at < in.size() && in[at] == 'x') ++at;
    while (at < in.size() && (class_of(in[at]) == kName || class_of(in[at]) == kNameStart)) ++at;
  } else {
    std::size_t prefix = 0;
    const Found found = qualified_name(in, at, prefix);
    if (found != Found::yes) return found;
  }
  if (at == in.size()) return Found::more;
  if (in[at] != ';') return Found::no;
  name = in.substr(begin, at - begin);
  ++at;
  return Found::yes;
}

Found starts(std::string_view in, std::size_t at, std::string_view wanted) {
  const std::string_view there = in.substr(at, wanted.size());
  if (there == wanted) return Found::yes;
  return wanted.starts_with(there) ? Found::more : Found::no;
}

}  // namespace iris::xml
