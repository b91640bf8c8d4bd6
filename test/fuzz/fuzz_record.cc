// Records and Bus messages, as a disk or another build may give them back. Beyond not crashing: what decodes has a
// known version and a body, and comes out the same when it is encoded again and decoded.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "record/codec.h"

namespace {

template <typename Message, typename Decode>
void check(std::string_view bytes, Decode decode) {
  auto message = decode(bytes);
  if (!message.ok()) return;
  IRIS_CHECK(message->version() == 1);
  IRIS_CHECK(message->body_case() != Message::BODY_NOT_SET);
  const std::string encoded = iris::record::encode(*message);
  auto again = decode(encoded);
  IRIS_CHECK(again.ok());
  IRIS_CHECK(iris::record::encode(*again) == encoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check<iris::record::Record>(bytes, iris::record::decode_record);
  check<iris::record::BusMessage>(bytes, iris::record::decode_bus);
  return 0;
}
