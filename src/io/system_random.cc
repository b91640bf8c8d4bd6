#include "io/system_random.h"

#include <openssl/rand.h>

#include <cstring>

#include "base/check.h"

namespace iris::io {
namespace {

// Hands out a buffer per thread, since each call into OpenSSL's generator costs about a microsecond. What was handed
// out is wiped, so that a later leak of memory does not tell past numbers.
class SystemRandom final : public Random {
 public:
  std::uint64_t next() override {
    thread_local Buffer buffer;
    if (buffer.at == sizeof buffer.bytes) {
      IRIS_CHECK(RAND_bytes(buffer.bytes, sizeof buffer.bytes) == 1);  // without chance nothing here is safe
      buffer.at = 0;
    }
    std::uint64_t number;
    std::memcpy(&number, buffer.bytes + buffer.at, sizeof number);
    std::memset(buffer.bytes + buffer.at, 0, sizeof number);
    buffer.at += sizeof number;
    return number;
  }

 private:
  struct Buffer {
    unsigned char bytes[256];
    std::size_t at = sizeof bytes;
  };
};

}  // namespace

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace iris::io
