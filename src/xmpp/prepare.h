// Preparation of the parts of a JID, and of passwords: RFC 7622, RFC 8265. ASCII is done here, the rest in Rust, and
// both give the same answer (jid_test). Pure, any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace iris::xmpp {

inline constexpr std::size_t kJidPartBytesMax = 1023;   // RFC 7622 §3.1, each part, after preparation
inline constexpr std::size_t kPasswordBytesMax = 1024;  // ours: a password is hashed thousands of times

// `slow` never takes the ASCII path: for the test that both give the same answer.
enum class Path { fast_if_ascii, slow };

// Nothing for what is not allowed, empty, or too long.
std::optional<std::string> prepare_local(std::string_view text, Path path = Path::fast_if_ascii);     // RFC 7622 §3.3
std::optional<std::string> prepare_domain(std::string_view text, Path path = Path::fast_if_ascii);    // RFC 7622 §3.2
std::optional<std::string> prepare_resource(std::string_view text, Path path = Path::fast_if_ascii);  // RFC 7622 §3.4
std::optional<std::string> prepare_password(std::string_view text);                                   // RFC 8265 §4.2

// Major version of the Unicode tables that decide.
int unicode_version();

}  // namespace iris::xmpp
