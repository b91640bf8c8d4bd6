// Small files of the data folder: read whole, written whole or not at all.
#pragma once
#include <string>

#include "base/result.h"

namespace iris::app {

// Errc::not_found if there is none.
base::Result<std::string> read_file(const std::string& path);
// Durable when this returns: written beside, synced, renamed, folder synced.
base::Status write_file(const std::string& path, const std::string& bytes, unsigned mode);
// With its parents, if missing; mode for those that are made.
base::Status make_folder(const std::string& path, unsigned mode);
bool exists(const std::string& path);

}  // namespace iris::app
