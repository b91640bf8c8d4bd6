// Escaping, appended to a string. Input is UTF-8; characters that XML 1.0 cannot carry at all are replaced by U+FFFD,
// so that no text of ours can break a peer's stream.
#pragma once
#include <string>
#include <string_view>

namespace iris::xml {

void escape_text(std::string& out, std::string_view text);        // & < >
void escape_attribute(std::string& out, std::string_view value);  // also ' " and tab, line feed, carriage return

// ` name='value'`, escaped.
void append_attribute(std::string& out, std::string_view name, std::string_view value);

}  // namespace iris::xml
