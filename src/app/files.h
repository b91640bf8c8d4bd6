// Small files of the data folder: read whole, written whole or not at all.
#pragma once
#include <cstddef>
#include <string>

#include "base/result.h"

namespace iris::app {

inline constexpr std::size_t kFileBytesMax = 1 << 20;  // configuration, keys: written by hand, or as small

// Errc::not_found if there is none, Errc::invalid if it is no regular file or holds more: a device never ends, and a
// pipe may never begin.
base::Result<std::string> read_file(const std::string& path, std::size_t bytes_max = kFileBytesMax);
// Durable when this returns: written beside, synced, renamed, folder synced.
base::Status write_file(const std::string& path, const std::string& bytes, unsigned mode);
// With its parents, if missing; mode for those that are made.
base::Status make_folder(const std::string& path, unsigned mode);
bool exists(const std::string& path);

}  // namespace iris::app
