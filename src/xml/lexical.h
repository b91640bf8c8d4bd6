// What XML is made of (XML 1.0, fifth edition; Namespaces in XML 1.0): characters, names, references. Internal to xml/.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "xml/push_parser.h"

namespace iris::xml {

// --- characters (XML 1.0 §2.2, §2.3)

enum CharacterClass : unsigned char {
  kForbidden,  // no character at all
  kPlain,
  kSpace,      // also tab and line feed
  kReturn,     // to become a line feed (§2.11)
  kName,       // may stand in a name
  kNameStart,  // may begin one
  kColon,
  kMarkup,   // < and &
  kBracket,  // ], which may begin ]]>
  kQuote,
  kLong,  // of a character of several bytes
};

inline constexpr std::array<CharacterClass, 256> kCharacterClasses = [] {
  std::array<CharacterClass, 256> out{};
  for (int i = 0x20; i < 0x80; ++i) out[static_cast<std::size_t>(i)] = kPlain;
  for (int i = 0x80; i < 0x100; ++i) out[static_cast<std::size_t>(i)] = kLong;
  for (int c = 'a'; c <= 'z'; ++c) out[static_cast<std::size_t>(c)] = kNameStart;
  for (int c = 'A'; c <= 'Z'; ++c) out[static_cast<std::size_t>(c)] = kNameStart;
  for (int c = '0'; c <= '9'; ++c) out[static_cast<std::size_t>(c)] = kName;
  out['_'] = kNameStart;
  out['-'] = out['.'] = kName;
  out[':'] = kColon;
  out[' '] = out['\t'] = out['\n'] = kSpace;
  out['\r'] = kReturn;
  out['<'] = out['&'] = kMarkup;
  out[']'] = kBracket;
  out['\''] = out['"'] = kQuote;
  return out;
}();

inline CharacterClass class_of(char c) { return kCharacterClasses[static_cast<unsigned char>(c)]; }
inline bool is_space(char c) { return class_of(c) == kSpace || class_of(c) == kReturn; }

struct LongCharacter {
  std::size_t bytes = 0;  // 0: no character begins so, whatever may follow
  std::uint32_t point = 0;
  bool whole = true;  // else more bytes must come to know
};
// The character of several bytes (RFC 3629 §4) at the begin of `in`, which is not empty.
LongCharacter long_character(std::string_view in);

void append_utf8(std::string& out, std::uint32_t point);

// --- pieces of tags. Each moves `at` behind what it has read; `more`: the input ends before it.

enum class Found { yes, no, more };

// NCName (':' NCName)?: Namespaces in XML 1.0 §4. `prefix`: bytes before the colon, 0 if there is none.
Found qualified_name(std::string_view in, std::size_t& at, std::size_t& prefix);
Found spaces(std::string_view in, std::size_t& at);
// S? '=' S? and the quote.
Found equals_and_quote(std::string_view in, std::size_t& at, char& quote);
// Of a reference, with `at` behind its '&': the bytes up to its ';'.
Found reference_name(std::string_view in, std::size_t& at, std::string_view& name);
// Whether `in` has `wanted` at `at`, as far as it goes.
Found starts(std::string_view in, std::size_t at, std::string_view wanted);

// What a reference stands for, its '&' and ';' left out (XML 1.0 §4.1, §4.6).
struct Reference {
  Fault fault{};
  std::uint32_t point = 0;  // 0: `fault`
};
Reference resolve(std::string_view name);

}  // namespace iris::xml
