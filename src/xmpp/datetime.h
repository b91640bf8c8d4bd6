// XEP-0082 DateTime profile. Always written in UTC.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace iris::xmpp {

std::string format_datetime(base::WallTime time);  // 2026-11-24T11:14:00.123456Z; the fraction is left out when zero
std::string format_datetime(base::Stamp stamp);
std::optional<base::WallTime> parse_datetime(std::string_view text);

}  // namespace iris::xmpp
