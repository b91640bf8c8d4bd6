#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace iris::base {

void check_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "level=fatal msg=\"check failed\" expression=\"%s\" at=%s:%d\n", expression, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace iris::base
