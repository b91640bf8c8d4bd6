#include "record/codec.h"

#include <gtest/gtest.h>

#include <random>

#include "record/keys.h"
#include "record/partition.h"

namespace iris::record {
namespace {

Record a_record() {
  Record record;
  record.set_time(1'700'000'000'000'000);
  record.set_entity("juliet@example.org");
  record.mutable_source()->set_stamp(7);
  auto& stanza = *record.mutable_inbound()->mutable_stanza();
  stanza.set_from("romeo@example.org/orchard");
  stanza.set_inner("<body>Art thou not Romeo?</body>");
  return record;
}

TEST(Codec, RecordComesBackAsItWas) {
  const auto back = decode_record(encode(a_record()));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->version(), kRecordVersion);
  EXPECT_EQ(back->entity(), "juliet@example.org");
  EXPECT_EQ(back->inbound().stanza().inner(), "<body>Art thou not Romeo?</body>");
  EXPECT_EQ(back->source().stamp(), 7u);
}

// Loops count their sessions each for itself, and a new process begins anew: the number alone names several.
TEST(Codec, SessionsOfTwoLoopsHaveDifferentNames) {
  SessionRef session;
  session.set_incarnation(0xab);
  session.set_loop(1);
  session.set_number(7);
  EXPECT_EQ(name_of(session), "00000000000000ab-1-7");
}

// Logs are searched by it on nodes of different builds: what it is made of does not change.
TEST(Codec, MessageIsNamedByItsSessionAndNumber) {
  SessionRef session;
  session.set_incarnation(0xab);
  session.set_loop(1);
  session.set_number(7);
  EXPECT_NE(trace_of(session, 1), trace_of(session, 2));
  const auto first = trace_of(session, 1);
  session.set_loop(2);
  EXPECT_NE(trace_of(session, 1), first);
  EXPECT_EQ(name_of_message(0xab), "00000000000000ab");
}

TEST(Codec, BusMessageComesBackAsItWas) {
  BusMessage message;
  message.mutable_deliver()->set_stamp(9);
  message.mutable_deliver()->add_xml("<message/>");
  const auto back = decode_bus(encode(message));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->deliver().xml(0), "<message/>");
}

TEST(Codec, EncodingIsTheSameEachTime) { EXPECT_EQ(encode(a_record()), encode(a_record())); }

TEST(Codec, NewerVersionIsInvalidNotCorrupt) {
  Record record = a_record();
  record.set_version(kRecordVersion + 1);
  const auto back = decode_record(record.SerializeAsString());
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error().code, base::Errc::invalid);
}

TEST(Codec, UnknownBodyIsInvalid) {
  Record record = a_record();
  record.clear_body();
  record.set_version(kRecordVersion);
  const auto back = decode_record(record.SerializeAsString());
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error().code, base::Errc::invalid);
}

TEST(Codec, NoVersionAndCutBytesAreCorrupt) {
  EXPECT_EQ(decode_record("").error().code, base::Errc::corrupt);
  EXPECT_EQ(decode_record(a_record().SerializeAsString()).error().code, base::Errc::corrupt);
  const std::string whole = encode(a_record());
  EXPECT_EQ(decode_record(whole.substr(0, whole.size() - 3)).error().code, base::Errc::corrupt);
  EXPECT_EQ(decode_bus("\xff\xff\xff").error().code, base::Errc::corrupt);
}

TEST(Codec, ChangedBytesNeverCrash) {
  std::mt19937_64 random(20240501);
  const std::string whole = encode(a_record());
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = whole;
    for (int n = 0; n < 3; ++n) changed[random() % changed.size()] = static_cast<char>(random());
    const auto back = decode_record(changed);
    if (back.ok()) { EXPECT_NE(back->body_case(), Record::BODY_NOT_SET); }
  }
}

// These values are for ever: a change would send every account to another partition.
TEST(Partition, IsXxhash64OfTheBareJid) {
  EXPECT_EQ(payload_hash(""), 0xef46db3751d8e999u);  // xxHash's own published vector, seed 0
  EXPECT_EQ(partition_of("juliet@example.org", 64).value, payload_hash("juliet@example.org") % 64);
  EXPECT_EQ(partition_of("juliet@example.org", 1).value, 0u);
}

TEST(Keys, ByteOrderIsNumberOrder) {
  EXPECT_EQ(key_of(base::Stamp{0x0102030405060708}), "\x01\x02\x03\x04\x05\x06\x07\x08");
  EXPECT_LT(key_of(base::Stamp{255}), key_of(base::Stamp{256}));
  EXPECT_EQ(stamp_of_key(key_of(base::Stamp{1'700'000'000'000'000})).value, 1'700'000'000'000'000u);
  EXPECT_EQ(key_of(base::PartitionId{258}), std::string("\0\0\1\2", 4));
}

}  // namespace
}  // namespace iris::record
