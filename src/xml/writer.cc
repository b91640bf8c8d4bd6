#include "xml/writer.h"

#include <array>

namespace iris::xml {
namespace {

enum Byte : unsigned char { kPlain, kMarkup, kQuote, kLineBreak, kReturn, kForbidden, kMaybeForbidden };

constexpr std::array<Byte, 256> kBytes = [] {
  std::array<Byte, 256> bytes{};
  for (int i = 0; i < 0x20; ++i) bytes[i] = kForbidden;  // XML 1.0 §2.2
  bytes['\t'] = bytes['\n'] = kLineBreak;
  bytes['\r'] = kReturn;
  bytes['&'] = bytes['<'] = bytes['>'] = kMarkup;
  bytes['\''] = bytes['"'] = kQuote;
  bytes[0xEF] = kMaybeForbidden;  // U+FFFE and U+FFFF begin with it
  return bytes;
}();

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '\'': out += "&apos;"; break;
    case '"': out += "&quot;"; break;
    case '\t': out += "&#9;"; break;
    case '\n': out += "&#10;"; break;
    case '\r': out += "&#13;"; break;
    default: out += kReplacement;
  }
}

// Copies runs of plain bytes. A carriage return is never plain: XML 1.0 §2.11 would
// make a line feed of it.
void escape(std::string& out, std::string_view text, bool attribute) {
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Byte byte = kBytes[static_cast<unsigned char>(text[i])];
    if (byte == kPlain || (!attribute && (byte == kQuote || byte == kLineBreak))) continue;
    std::size_t width = 1;
    if (byte == kMaybeForbidden) {
      const std::string_view point = text.substr(i, 3);
      if (point != "\xEF\xBF\xBE" && point != "\xEF\xBF\xBF") continue;
      width = 3;
    }
    out.append(text, copied, i - copied);
    append_escaped(out, text[i]);
    i += width - 1;
    copied = i + 1;
  }
  out.append(text, copied);
}

}  // namespace

void escape_text(std::string& out, std::string_view text) { escape(out, text, false); }
void escape_attribute(std::string& out, std::string_view value) { escape(out, value, true); }

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "='";
  escape_attribute(out, value);
  out += '\'';
}

}  // namespace iris::xml
