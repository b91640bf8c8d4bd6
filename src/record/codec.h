// Records and Bus messages to bytes and back, with their version checked (rule S6).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "record/record.pb.h"

namespace iris::record {

// What this build writes, and the newest that it reads.
inline constexpr std::uint32_t kRecordVersion = 1;
inline constexpr std::uint32_t kBusVersion = 1;

// Set the version of what they are given, and copy nothing of it. A message without a body is our mistake.
std::string encode(Record& record);
std::string encode(BusMessage& message);
inline std::string encode(Record&& record) { return encode(record); }
inline std::string encode(BusMessage&& message) { return encode(message); }

// Errors: invalid: of a version, or with a body, that this build does not know (a shard that reads it releases the
// partition and skips nothing); corrupt: not what encode() wrote. Never crashes on any bytes.
base::Result<Record> decode_record(std::string_view bytes);
base::Result<BusMessage> decode_bus(std::string_view bytes);

// A session and a message as log lines name them: the same in each line about them, on every node, and no other's.
// A message has its name from the moment its edge accepts it: a hash of its session and its number there, so that a
// stanza sent again after a broken connection keeps it.
std::string name_of(const SessionRef& session);
std::uint64_t trace_of(const SessionRef& session, std::uint64_t number);
std::string name_of_message(std::uint64_t trace);

}  // namespace iris::record
