#include "record/codec.h"

#include <google/protobuf/stubs/logging.h>
#include <xxhash.h>

#include <array>
#include <limits>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/hex.h"
#include "record/keys.h"

namespace iris::record {
namespace {

using base::Errc;
using base::Error;

// protobuf would write to stderr what does not parse; ours is the Result.
[[maybe_unused]] auto* const kSilenced = google::protobuf::SetLogHandler(nullptr);

template <typename Message>
std::string encode_versioned(Message& message, std::uint32_t version) {
  IRIS_CHECK(message.body_case() != Message::BODY_NOT_SET);
  message.set_version(version);
  return message.SerializeAsString();
}

template <typename Message>
base::Result<Message> decode_versioned(std::string_view bytes, std::uint32_t version_max, const char* what) {
  if (bytes.size() > std::numeric_limits<int>::max()) return Error{Errc::corrupt, std::string(what) + " is too long"};
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return Error{Errc::corrupt, std::string(what) + " does not parse"};
  if (message.version() == 0) return Error{Errc::corrupt, std::string(what) + " has no version"};
  if (message.version() > version_max)
    return Error{Errc::invalid, std::string(what) + " has version " + std::to_string(message.version()) +
                                    "; this build reads up to " + std::to_string(version_max)};
  if (message.body_case() == Message::BODY_NOT_SET)
    return Error{Errc::invalid, std::string(what) + " has a body that this build does not know"};
  return message;
}

}  // namespace

std::string encode(Record& record) { return encode_versioned(record, kRecordVersion); }
std::string encode(BusMessage& message) { return encode_versioned(message, kBusVersion); }

base::Result<Record> decode_record(std::string_view bytes) {
  return decode_versioned<Record>(bytes, kRecordVersion, "record");
}
base::Result<BusMessage> decode_bus(std::string_view bytes) {
  return decode_versioned<BusMessage>(bytes, kBusVersion, "bus message");
}

std::string name_of(const SessionRef& session) {
  return base::to_hex(big_endian(session.incarnation())) + "-" + std::to_string(session.loop()) + "-" +
         std::to_string(session.number());
}

std::uint64_t trace_of(const SessionRef& session, std::uint64_t number) {
  const std::array<std::uint64_t, 4> words{session.incarnation(), session.loop(), session.number(), number};
  return XXH64(words.data(), sizeof(words), 0);
}

std::string name_of_message(std::uint64_t trace) { return base::to_hex(big_endian(trace)); }

}  // namespace iris::record
