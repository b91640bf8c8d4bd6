#include "shard/carbons.h"

#include <gtest/gtest.h>

#include "xmpp/stanza_table.h"

namespace iris::shard {
namespace {

base::Stamp at(std::uint64_t value) { return base::Stamp{value}; }

record::ArchiveRow row(bool inbox, std::uint64_t original = 0) {
  record::ArchiveRow out;
  out.set_carbon(true);
  out.set_inbox(inbox);
  out.set_original_stamp(original);
  return out;
}

record::Stanza message(std::string from, std::string to, std::string id, std::string type = "chat") {
  record::Stanza out;
  out.set_type(std::move(type));
  out.set_from(std::move(from));
  out.set_to(std::move(to));
  out.set_id(std::move(id));
  return out;
}

// ---- who gets one

TEST(Copies, NothingFromBeforeTheyWereEnabled) {
  Copies copies;
  copies.enable(at(10));
  EXPECT_FALSE(copies.due(at(10), row(false), true));
  EXPECT_TRUE(copies.due(at(11), row(false), true));
}

TEST(Copies, WhatTheInboxServesIsNotCopied) {
  Copies copies;
  copies.enable(at(10));
  EXPECT_FALSE(copies.due(at(11), row(true), true));
  EXPECT_FALSE(copies.had(at(11), row(true)));
  EXPECT_TRUE(copies.due(at(11), row(true), false));
}

TEST(Copies, ASessionThatBecomesEntitledHasHadWhatWasCopied) {
  Copies copies;
  copies.enable(at(10));
  copies.entitled(at(20));
  EXPECT_FALSE(copies.had(at(10), row(true)));  // before: still offline
  EXPECT_TRUE(copies.had(at(11), row(true)));
  EXPECT_TRUE(copies.had(at(20), row(true)));
  EXPECT_FALSE(copies.had(at(21), row(true)));
  EXPECT_TRUE(copies.due(at(20), row(true), true));  // should its delivery have got lost
  EXPECT_FALSE(copies.due(at(21), row(true), true));
  copies.not_entitled(at(30));
  EXPECT_FALSE(copies.due(at(30), row(true), false));  // the inbox has served it
  EXPECT_TRUE(copies.due(at(31), row(true), false));
  copies.entitled(at(40));
  EXPECT_FALSE(copies.had(at(30), row(true)));
  EXPECT_TRUE(copies.had(at(31), row(true)));
}

// Rule C4
TEST(Copies, WhatIsRoutedAgainWasCopiedTheFirstTime) {
  Copies copies;
  copies.enable(at(10));
  EXPECT_TRUE(copies.had(at(30), row(true, 11)));
  EXPECT_FALSE(copies.due(at(30), row(true, 11), false));
  EXPECT_FALSE(copies.had(at(30), row(true, 10)));
  EXPECT_TRUE(copies.due(at(30), row(true, 10), false));
}

TEST(Copies, ANewOwnerWhoDoesNotKnowSinceWhenRatherRepeats) {
  Copies copies;
  copies.restore({}, at(12), at(20));
  EXPECT_FALSE(copies.had(at(30), row(true, 11)));
  EXPECT_FALSE(copies.due(at(20), row(true), false));  // the inbox has served it
  EXPECT_TRUE(copies.due(at(21), row(true), false));
  record::Copied said;
  said.set_since(10);
  copies.restore(said, at(12), at(0));
  EXPECT_TRUE(copies.had(at(30), row(true, 11)));
}

TEST(Copies, ANewOwnerPassesOverWhatTheOldOneCopied) {
  Copies old;
  old.enable(at(10));
  old.note(at(20), row(true));
  old.note(at(25), row(false));
  old.entitled(at(30));  // while 21 to 30 may still be on their way
  Copies copies;
  copies.restore(old.said(), at(25), at(0));
  EXPECT_TRUE(copies.had(at(20), row(true)));
  EXPECT_FALSE(copies.had(at(21), row(true)));
  EXPECT_FALSE(copies.due(at(21), row(true), true));  // the inbox serves it
  copies.restore(old.said(), at(25), at(15));
  EXPECT_FALSE(copies.had(at(15), row(true)));
}

// Available, away and back, faster than the inbox is read.
TEST(Copies, WhatWasHadInEarlierTimesIsHadUntilTheInboxHasPassed) {
  Copies copies;
  copies.enable(at(10));
  copies.entitled(at(20));
  copies.not_entitled(at(20));  // nothing came between: one time
  copies.entitled(at(22));
  EXPECT_TRUE(copies.had(at(11), row(true)));
  EXPECT_TRUE(copies.had(at(22), row(true)));
  copies.not_entitled(at(30));
  copies.note(at(35), row(true));
  copies.entitled(at(40));
  for (const auto stamp : {11u, 22u, 31u, 40u}) EXPECT_TRUE(copies.had(at(stamp), row(true))) << stamp;
  for (const auto stamp : {10u, 23u, 30u, 41u}) EXPECT_FALSE(copies.had(at(stamp), row(true))) << stamp;
  EXPECT_TRUE(copies.due(at(11), row(true), true));  // should its delivery have got lost
  copies.inbox_received(at(15));
  EXPECT_FALSE(copies.had(at(15), row(true)));
  EXPECT_TRUE(copies.had(at(16), row(true)));
  copies.inbox_received(at(22));
  EXPECT_FALSE(copies.had(at(22), row(true)));
  EXPECT_TRUE(copies.had(at(31), row(true)));
}

TEST(Copies, ANewOwnerHearsOfEarlierTimesToo) {
  Copies old;
  old.enable(at(10));
  old.note(at(18), row(true));
  old.entitled(at(20));
  old.not_entitled(at(30));
  old.note(at(35), row(true));
  Copies copies;
  copies.restore(old.said(), at(36), at(12));
  EXPECT_FALSE(copies.had(at(12), row(true)));
  EXPECT_TRUE(copies.had(at(18), row(true)));
  EXPECT_FALSE(copies.had(at(25), row(true)));
  EXPECT_TRUE(copies.had(at(35), row(true)));
  // What came while it was entitled, and its inbox has not brought, is not had because it has come further since.
  copies.entitled(at(50));
  EXPECT_FALSE(copies.had(at(25), row(true)));
  EXPECT_FALSE(copies.had(at(36), row(true)));
  EXPECT_TRUE(copies.had(at(37), row(true)));
}

TEST(Copies, OneWhoNeverReadsAndAlwaysTurnsHasSomeTwice) {
  Copies copies;
  copies.enable(at(1));
  for (unsigned i = 1; i <= 200; ++i) copies.entitled(at(10 * i)), copies.not_entitled(at(10 * i + 5));
  EXPECT_FALSE(copies.had(at(2), row(true)));
  EXPECT_TRUE(copies.had(at(1999), row(true)));
  EXPECT_LE(copies.said().earlier_size(), 64);
}

TEST(Carbons, AreOfferedAsTheTableSays) {
  auto stanza = message("juliet@c/balcony", "romeo@m/orchard", "1");
  EXPECT_FALSE(is_copied(stanza, "romeo@m"));
  stanza.set_fate(xmpp::Fate{.carbon = true}.bits());
  EXPECT_TRUE(is_copied(stanza, "romeo@m"));
  EXPECT_TRUE(is_copied(stanza, "juliet@c"));
  stanza.set_fate(xmpp::Fate{.carbon = true, .carbon_sent_only = true}.bits());
  EXPECT_FALSE(is_copied(stanza, "romeo@m"));
  EXPECT_TRUE(is_copied(stanza, "juliet@c"));
  EXPECT_TRUE(is_sent_by(stanza, "juliet@c", "balcony"));
  EXPECT_FALSE(is_sent_by(stanza, "juliet@c", "crypt"));
  EXPECT_FALSE(is_sent_by(stanza, "romeo@m", "balcony"));
}

// ---- errors, §6.1

TEST(CopiedOfLate, KnowsTheAnswerByPeerAndId) {
  CopiedOfLate copied;
  const auto sent = message("romeo@m/orchard", "juliet@c", "1"), got = message("juliet@c/balcony", "romeo@m", "2");
  copied.note(sent, "romeo@m", 10);
  copied.note(got, "romeo@m", 10);
  EXPECT_TRUE(copied.answered_by(message("juliet@c", "romeo@m/orchard", "1", "error"), "romeo@m"));
  EXPECT_TRUE(copied.answered_by(message("romeo@m/orchard", "juliet@c/balcony", "2", "error"), "romeo@m"));
  EXPECT_FALSE(copied.answered_by(message("juliet@c", "romeo@m/orchard", "3", "error"), "romeo@m"));
  EXPECT_FALSE(copied.answered_by(message("tybalt@c", "romeo@m/orchard", "1", "error"), "romeo@m"));
  EXPECT_FALSE(copied.answered_by(message("juliet@c", "romeo@m/orchard", "1", "chat"), "romeo@m"));
}

TEST(CopiedOfLate, ForgetsTheOldestAndWhatHasNoId) {
  CopiedOfLate copied;
  for (auto id : {"1", "2", "3", ""}) copied.note(message("juliet@c", "romeo@m", id), "romeo@m", 2);
  auto known = [&](std::string id) {
    return copied.answered_by(message("juliet@c", "romeo@m", id, "error"), "romeo@m");
  };
  EXPECT_FALSE(known("1"));
  EXPECT_TRUE(known("2"));
  EXPECT_TRUE(known("3"));
  EXPECT_FALSE(known(""));
}

// ---- how it looks, §7, §8, XEP-0297 §3.2

TEST(Carbons, AReceivedMessage) {
  auto stanza = message("juliet@c/balcony", "romeo@m/orchard", "1");
  stanza.set_inner("<body>Art thou not Romeo?</body>");
  EXPECT_EQ(
      carbon_of(stanza, "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@m' id='7'/>", at(1'000'000), "romeo@m", "home"),
      "<message type='chat' from='romeo@m' to='romeo@m/home'><received xmlns='urn:xmpp:carbons:2'>"
      "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:01Z'/>"
      "<message xmlns='jabber:client' type='chat' id='1' from='juliet@c/balcony' to='romeo@m/orchard'>"
      "<body>Art thou not Romeo?</body><stanza-id xmlns='urn:xmpp:sid:0' by='romeo@m' id='7'/></message>"
      "</forwarded></received></message>");
}

TEST(Carbons, ASentMessageWithoutAType) {
  auto stanza = message("romeo@m/orchard", "juliet@c/balcony", "1", "");
  const auto xml = carbon_of(stanza, {}, at(1'000'000), "romeo@m", "it's");
  EXPECT_TRUE(xml.starts_with("<message from='romeo@m' to='romeo@m/it&apos;s'><sent xmlns='urn:xmpp:carbons:2'>"))
      << xml;
  EXPECT_NE(xml.find("<message xmlns='jabber:client' id='1' from='romeo@m/orchard' to='juliet@c/balcony'/>"),
            std::string::npos)
      << xml;
}

}  // namespace
}  // namespace iris::shard
