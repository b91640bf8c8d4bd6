// The account's archive, queried by its owner (XEP-0313). Rows are written by whoever keeps a record (Apply::keep);
// here they are found, page by page, a bounded number of rows in one turn of the loop.
#pragma once
#include <memory>

#include "shard/module.h"

namespace iris::module {

std::unique_ptr<shard::Module> make_archive();

}  // namespace iris::module
