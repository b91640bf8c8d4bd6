// IRIS_CHECK: we did wrong. Ends the process, in release too. Never on the input of a peer or of a disk.
#pragma once

namespace iris::base {

[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace iris::base

#define IRIS_CHECK(expression) ((expression) ? void(0) : ::iris::base::check_failed(#expression, __FILE__, __LINE__))
