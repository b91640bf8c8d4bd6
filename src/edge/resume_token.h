// What a client gets to resume its session by (XEP-0198 §5): which session it was and where its count began, so that
// any node can answer, also after the death of the one that held it. Signed, so that it says nothing to others and is
// not made up; it gives no access by itself, which the login does.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace iris::edge {

struct ResumeToken {
  base::SessionId session;
  std::uint64_t enabled_at = 0;  // inbound stanzas before <enable/>
  friend bool operator==(const ResumeToken&, const ResumeToken&) = default;
};

std::string encode(const ResumeToken& token, std::string_view secret);
std::optional<ResumeToken> decode_resume_token(std::string_view text, std::string_view secret);

}  // namespace iris::edge
