// Parts of a prepared JID in text form. Records carry prepared JIDs, so no parsing is needed here.
#pragma once
#include <string_view>

namespace iris::shard {

inline std::string_view bare_of(std::string_view jid) { return jid.substr(0, jid.find('/')); }
inline std::string_view resource_of(std::string_view jid) {
  auto slash = jid.find('/');
  return slash == std::string_view::npos ? std::string_view{} : jid.substr(slash + 1);
}
inline bool is_bare(std::string_view jid) { return jid.find('/') == std::string_view::npos; }

}  // namespace iris::shard
