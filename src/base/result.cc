#include "base/result.h"

namespace iris::base {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::unavailable: return "unavailable";
    case Errc::overloaded: return "overloaded";
    case Errc::no_space: return "no_space";
    case Errc::unknown_outcome: return "unknown_outcome";
    case Errc::not_found: return "not_found";
    case Errc::already_exists: return "already_exists";
    case Errc::corrupt: return "corrupt";
    case Errc::invalid: return "invalid";
    case Errc::closed: return "closed";
  }
  return "unknown";
}

}  // namespace iris::base
