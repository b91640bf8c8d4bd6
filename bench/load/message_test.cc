#include "load/message.h"

#include <gtest/gtest.h>

#include "load/scanner.h"

namespace iris::load {
namespace {

TEST(Message, CarriesItsMarkInBothIds) {
  MessageTemplate message("u1@localhost", 3, run_tag(0x12345), "<no-store xmlns='urn:xmpp:hints'/>");
  EXPECT_EQ(message.with({7, 255}),
            "<message type='chat' to='u1@localhost' id='b2345-00000000000000ff-00000007'><body>xxx</body>"
            "<origin-id xmlns='urn:xmpp:sid:0' id='b2345-00000000000000ff-00000007'/>"
            "<no-store xmlns='urn:xmpp:hints'/></message>");
}

TEST(Message, TheMarkIsReadBack) {
  MessageTemplate message("u1@localhost", 80, run_tag(9));
  const Mark mark{4'000'000'000, 123 * kSecond + 4};
  const auto read = read_mark(attribute(message.with(mark), "id"), run_tag(9));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->number, mark.number);
  EXPECT_EQ(read->due, mark.due);
}

TEST(Message, AMarkTravelsAloneToo) {
  const auto read = read_mark(mark_text("00ff", {3, 77}), "00ff");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->number, 3U);
  EXPECT_EQ(read->due, 77);
}

TEST(Message, WhatIsNotOfThisRunHasNoMark) {
  const char* good = "b0009-00000000000000ff-00000007";
  EXPECT_TRUE(read_mark(good, "0009"));
  EXPECT_FALSE(read_mark(good, "0008"));
  for (const char* id : {"", "b0009", "c0009-00000000000000ff-00000007", "b0009-0000000000000Xff-00000007"})
    EXPECT_FALSE(read_mark(id, "0009")) << id;
}

}  // namespace
}  // namespace iris::load
