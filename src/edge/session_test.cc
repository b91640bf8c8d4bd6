#include "edge/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "edge/session_table.h"
#include "edge/test_world.h"
#include "xmpp/ns.h"

namespace iris::edge {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class FakeClient final : public Client {
 public:
  void send_stanza(std::string_view xml) override { stanzas.emplace_back(xml); }
  std::size_t stanza_bytes_max() const override { return 256 * 1024; }
  void send_ack(std::uint32_t h) override { acks.push_back(h); }
  void request_ack() override { ++requests; }
  std::size_t output_bytes() const override { return waiting; }
  bool is_congested() const override { return waiting > 64 * 1024; }
  void hold_input(bool hold) override { held = hold; }
  void end(const xmpp::StreamError& error, const xml::Element*) override { ended = to_string(error.condition); }

  std::vector<std::string> stanzas;
  std::vector<std::uint32_t> acks;
  int requests = 0;
  std::size_t waiting = 0;
  bool held = false;
  std::string ended;
};

xml::Element message(std::string_view id, std::string_view body = "hello") {
  return xml::Element("message", xmpp::ns::kClient)
      .set("to", "juliet@localhost")
      .set("type", "chat")
      .set("id", id)
      .add(xml::Element("body").add_text(body));
}

xml::Element presence() { return xml::Element("presence", xmpp::ns::kClient); }

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    w.bus.attach(0, w.loop, [this](record::BusMessage&& message) { table.on_bus(std::move(message)); });
  }

  // Bound, and with stream management if asked for.
  void bind(bool managed = true) {
    session = table.create(*xmpp::Jid::parse("romeo@localhost/orchard"));
    session->start([this](base::Status status) {
      bound = status.ok();
      if (status) session->attach(client);
    });
    w.run();
    ASSERT_TRUE(bound);
    if (managed) session->enable(true);
    started = w.shard.registers().size();
  }
  std::vector<std::string> accepted_ids() const {
    std::vector<std::string> out;
    for (const auto& submit : w.shard.accepted) out.push_back(submit.stanza().id());
    return out;
  }
  base::Result<std::uint32_t> resume() {
    base::Result<std::uint32_t> out = base::Error{base::Errc::unavailable, "no answer"};
    session->resume([&](base::Result<std::uint32_t> h) { out = std::move(h); });
    w.run(100ms);
    return out;
  }
  std::uint64_t direct() const { return w.shard.registers().back().direct_last(); }
  void deliver(std::uint64_t previous, std::uint64_t stamp, std::string xml) {
    w.shard.deliver(session->id(), record::DIRECT, previous, stamp, {std::move(xml)});
    w.run();
  }

  TestWorld w;
  SessionTable table{{w.loop, w.log, w.bus, w.owners, w.options}, 0};
  std::shared_ptr<FakeClient> client = std::make_shared<FakeClient>();
  std::shared_ptr<Session> session;
  bool bound = false;
  std::size_t started = 0;
};

// ---------------------------------------------------------------- bind

TEST_F(SessionTest, IsBoundWhenItsStartIsLoggedAndItsShardKnowsIt) {
  bind();
  ASSERT_THAT(w.shard.records, SizeIs(1));
  EXPECT_EQ(w.shard.records[0].session_start().resource(), "orchard");
  EXPECT_EQ(w.shard.records[0].entity(), "romeo@localhost");
  EXPECT_EQ(w.shard.registers().back().after_offset(), 0);
}

TEST_F(SessionTest, RegistersUntilItIsAnswered) {
  w.net.options().drop = 1;
  session = table.create(*xmpp::Jid::parse("romeo@localhost/orchard"));
  session->start([this](base::Status status) { bound = status.ok(); });
  w.run(5s);
  EXPECT_FALSE(bound);
  w.net.options().drop = 0;
  w.run(10s);
  EXPECT_TRUE(bound);
}

TEST_F(SessionTest, AFullDiskRefusesTheStart) {
  w.log.options().append_no_space = 1;
  base::Errc code{};
  session = table.create(*xmpp::Jid::parse("romeo@localhost/orchard"));
  session->start([&](base::Status status) { code = status.error().code; });
  w.run();
  EXPECT_EQ(code, base::Errc::no_space);
  EXPECT_EQ(table.size(), 0u);
}

// ---------------------------------------------------------------- C1, h

TEST_F(SessionTest, NumbersFormTheChainOfLoggedStanzas) {
  bind();
  session->receive(message("a"));
  session->receive(presence());
  session->receive(message("b"));
  w.run();
  EXPECT_THAT(accepted_ids(), ElementsAre("a", "b"));
  EXPECT_EQ(w.shard.accepted[1].number(), 3u);
  EXPECT_EQ(w.shard.accepted[1].previous(), 1u);
  EXPECT_EQ(session->h(), 3u);
}

TEST_F(SessionTest, HNeverPassesAStanzaThatIsNotDurable) {
  bind();
  w.log.options().durable_min = w.log.options().durable_max = 30ms;
  session->receive(presence());
  session->receive(message("a"));
  session->receive(presence());
  session->on_ack_request();
  EXPECT_EQ(session->h(), 1u);
  w.run(20ms);
  EXPECT_EQ(session->h(), 1u);
  EXPECT_THAT(client->acks, IsEmpty());  // waits for the sync
  w.run(20ms);
  EXPECT_THAT(client->acks, ElementsAre(3));
}

TEST_F(SessionTest, AnAckRequestIsAnsweredAfterAShortWaitAndAgainWhenMoreIsDurable) {
  bind();
  w.log.options().durable_min = w.log.options().durable_max = 500ms;
  session->receive(presence());
  session->receive(message("a"));
  session->on_ack_request();
  w.run(60ms);
  EXPECT_THAT(client->acks, ElementsAre(1));
  w.run(500ms);
  EXPECT_THAT(client->acks, ElementsAre(1, 2));
}

TEST_F(SessionTest, SoftStanzasWaitForTheAppendBeforeThem) {
  bind();
  w.log.options().durable_min = w.log.options().durable_max = 30ms;
  session->receive(message("a"));
  session->receive(presence());
  w.run(20ms);
  EXPECT_THAT(w.shard.soft(), IsEmpty());
  w.run(20ms);
  ASSERT_THAT(w.shard.soft(), SizeIs(1));
  EXPECT_EQ(w.shard.soft()[0].after_offset(), 1);  // rule C5: the offset of "a"
  EXPECT_EQ(w.shard.soft()[0].sequence(), 1u);
}

TEST_F(SessionTest, ARefusedAppendIsAnsweredAndTheChainLeavesItOut) {
  bind();
  session->receive(message("a"));
  w.run();
  w.log.options().append_no_space = 1;
  session->receive(message("b"));
  session->receive(message("c"));
  w.run();
  w.log.options().append_no_space = 0;
  session->receive(message("d"));
  w.run();
  EXPECT_THAT(accepted_ids(), ElementsAre("a", "d"));
  ASSERT_THAT(client->stanzas, SizeIs(2));
  EXPECT_THAT(client->stanzas[0], HasSubstr("resource-constraint"));
  EXPECT_THAT(client->stanzas[0], HasSubstr("wait"));
  EXPECT_EQ(session->h(), 4u);
  EXPECT_EQ(client->ended, "");
}

TEST_F(SessionTest, AnUnknownOutcomeEndsTheStreamAndAcksNothing) {
  bind();
  w.log.options().append_unknown_kept = 1;
  session->receive(message("a"));
  session->receive(presence());
  w.run();
  EXPECT_EQ(client->ended, "internal-server-error");
  EXPECT_EQ(session->h(), 0u);
  EXPECT_THAT(w.shard.soft(), IsEmpty());
  EXPECT_FALSE(session->is_over());
}

TEST_F(SessionTest, ReadingPausesWhileTooMuchIsNotDurable) {
  w.options.inbound_max = 4;
  bind();
  for (int i = 0; i < 4; ++i) session->receive(message("m" + std::to_string(i)));
  EXPECT_TRUE(client->held);
  w.run();
  EXPECT_FALSE(client->held);
  EXPECT_THAT(accepted_ids(), SizeIs(4));
}

TEST_F(SessionTest, ReadingPausesWhileTooManyBytesAreNotDurable) {
  w.options.inbound_bytes_max = 10'000;
  bind();
  auto large = message("large");
  large.add(xml::Element("x", "urn:example:x").add_text(std::string(9'990, 'x')));
  session->receive(std::move(large));
  EXPECT_TRUE(client->held);
  w.run();
  EXPECT_FALSE(client->held);
  EXPECT_THAT(accepted_ids(), SizeIs(1));
}

// ---------------------------------------------------------------- resumption

TEST_F(SessionTest, AResumptionTellsWhatTheShardTook) {
  bind();
  session->receive(message("a"));
  w.run();
  w.log.options().append_unknown_kept = 1;
  session->receive(message("b"));  // is in the log, nobody knows
  w.run();
  w.log.options().append_unknown_kept = 0;
  const auto h = resume();
  ASSERT_TRUE(h);
  EXPECT_EQ(*h, 2u);
  auto again = std::make_shared<FakeClient>();
  session->continue_with(again, 0);
  session->receive(message("c"));
  w.run();
  EXPECT_THAT(accepted_ids(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(w.shard.accepted[2].epoch(), 2u);
}

TEST_F(SessionTest, WhatWasLostIsSentAgainUnderTheSameNumber) {
  bind();
  session->receive(message("a"));
  w.run();
  w.log.options().append_unknown_lost = 1;
  session->receive(message("b"));
  session->receive(message("c"));
  w.run();
  w.log.options().append_unknown_lost = 0;
  const auto h = resume();
  ASSERT_TRUE(h);
  EXPECT_EQ(*h, 1u);
  session->continue_with(std::make_shared<FakeClient>(), 0);
  session->receive(message("b"));
  session->receive(message("c"));
  w.run();
  EXPECT_THAT(accepted_ids(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(w.shard.accepted[1].number(), 2u);
}

TEST_F(SessionTest, UnackedStanzasAreSentAgainInOrder) {
  bind();
  deliver(101, 200, "<message id='1'/>");
  deliver(200, 201, "<message id='2'/>");
  deliver(201, 202, "<message id='3'/>");
  ASSERT_THAT(client->stanzas, SizeIs(3));
  session->detach();
  deliver(202, 203, "<message id='4'/>");  // taken while nobody is there
  ASSERT_TRUE(resume());
  auto again = std::make_shared<FakeClient>();
  session->continue_with(again, 1);
  EXPECT_THAT(again->stanzas, ElementsAre("<message id='2'/>", "<message id='3'/>", "<message id='4'/>"));
  EXPECT_FALSE(session->accepts_ack(5));
  session->on_ack(4);
  w.run(200ms);
  EXPECT_EQ(w.shard.progress().back().direct_acked(), 203u);
}

TEST_F(SessionTest, AResumptionWhoseAnswerIsLostIsAskedAgain) {
  bind();
  session->detach();
  w.shard.answers = false;
  base::Result<std::uint32_t> h = base::Error{base::Errc::unavailable, ""};
  session->resume([&](base::Result<std::uint32_t> got) { h = std::move(got); });
  w.run(1s);
  EXPECT_FALSE(h);
  w.shard.answers = true;
  w.run(5s);
  ASSERT_TRUE(h);
  EXPECT_EQ(*h, 0u);
}

TEST_F(SessionTest, AnotherConnectionTakesTheSessionOver) {
  bind();
  ASSERT_TRUE(resume());
  EXPECT_EQ(client->ended, "conflict");
}

TEST_F(SessionTest, ADetachedSessionEndsWhenNobodyComes) {
  w.options.detached_timeout = 10s;
  bind();
  deliver(101, 200, "<message/>");
  session->detach();
  w.run(9s);
  EXPECT_THAT(w.shard.unregisters(), IsEmpty());
  w.run(2s);
  ASSERT_THAT(w.shard.unregisters(), SizeIs(1));
  EXPECT_EQ(w.shard.unregisters()[0].direct_acked(), 101u);
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(SessionTest, ALostGoodbyeIsSaidAgain) {
  bind();
  w.net.options().drop = 1;
  session->end("test");
  w.run(1s);
  w.net.options().drop = 0;
  EXPECT_THAT(w.shard.unregisters(), IsEmpty());
  deliver(101, 200, "<message/>");
  EXPECT_THAT(w.shard.unregisters(), SizeIs(1));
}

TEST_F(SessionTest, AnEndWaitsForWhatWasSubmittedBefore) {
  bind();
  w.log.options().durable_min = w.log.options().durable_max = 50ms;
  session->receive(message("a"));
  session->receive(presence());
  session->end("closed");
  w.run(40ms);
  EXPECT_THAT(w.shard.unregisters(), IsEmpty());
  w.run(40ms);
  EXPECT_THAT(accepted_ids(), ElementsAre("a"));
  EXPECT_THAT(w.shard.soft(), SizeIs(1));
  EXPECT_THAT(w.shard.unregisters(), SizeIs(1));
}

// ---------------------------------------------------------------- C3: chains

TEST_F(SessionTest, ADeliveryIsWrittenOnceAndInOrder) {
  bind();
  deliver(101, 200, "<message id='1'/>");
  deliver(101, 200, "<message id='1'/>");  // doubled
  deliver(200, 201, "<message id='2'/>");
  EXPECT_THAT(client->stanzas, ElementsAre("<message id='1'/>", "<message id='2'/>"));
  w.run(200ms);
  EXPECT_EQ(w.shard.progress().back().direct_received(), 201u);
  EXPECT_EQ(w.shard.progress().back().direct_acked(), 101u);
}

TEST_F(SessionTest, AGapMakesItRegisterAgain) {
  bind();
  deliver(101, 200, "<message id='1'/>");
  deliver(201, 202, "<message id='3'/>");  // 201 was lost
  EXPECT_THAT(client->stanzas, ElementsAre("<message id='1'/>"));
  ASSERT_THAT(w.shard.registers(), SizeIs(started + 1));
  EXPECT_GT(w.shard.registers().back().number(), 1u);
  EXPECT_EQ(direct(), 200u);
  deliver(200, 201, "<message id='2'/>");
  deliver(201, 202, "<message id='3'/>");
  EXPECT_THAT(client->stanzas, ElementsAre("<message id='1'/>", "<message id='2'/>", "<message id='3'/>"));
}

// The copy on the direct chain was lost: the inbox must not pass over it, or its cursor would leave the message behind.
TEST_F(SessionTest, PassingOverACopyThatHasNotComeIsAGap) {
  bind();
  record::BusMessage over;
  auto& deliver = *over.mutable_deliver();
  deliver.set_number(w.shard.registers().back().number());
  deliver.set_epoch(w.shard.epoch);
  deliver.set_chain(record::INBOX);
  deliver.set_stamp(300);
  deliver.set_after_direct(200);
  w.shard.send(session->id(), over);
  w.run();
  ASSERT_THAT(w.shard.registers(), SizeIs(started + 1));
  EXPECT_FALSE(w.shard.registers().back().inbox_open());
  EXPECT_EQ(w.shard.registers().back().inbox_last(), 0u);
}

TEST_F(SessionTest, DeliveriesOfAnOlderRegistrationOrOwnerAreIgnored) {
  bind();
  record::BusMessage old;
  old.mutable_deliver()->set_number(0);
  old.mutable_deliver()->set_epoch(1);
  old.mutable_deliver()->set_previous(101);
  old.mutable_deliver()->set_stamp(200);
  old.mutable_deliver()->add_xml("<message/>");
  w.shard.send(session->id(), old);
  old.mutable_deliver()->set_number(1);
  old.mutable_deliver()->set_epoch(0);
  w.shard.send(session->id(), old);
  w.run();
  EXPECT_THAT(client->stanzas, IsEmpty());
}

TEST_F(SessionTest, TheInboxChainBeginsWithADeliveryThatNamesNoPredecessor) {
  bind();
  session->receive(presence());
  w.run();
  w.shard.deliver(session->id(), record::INBOX, 300, 301, {"<message id='2'/>"});  // the anchor was lost
  w.run();
  EXPECT_THAT(client->stanzas, IsEmpty());
  EXPECT_TRUE(w.shard.registers().back().inbox_open());
  w.shard.deliver(session->id(), record::INBOX, 0, 300, {});
  w.shard.deliver(session->id(), record::INBOX, 300, 301, {"<message id='2'/>"});
  w.run(200ms);
  EXPECT_THAT(client->stanzas, ElementsAre("<message id='2'/>"));
  EXPECT_EQ(w.shard.progress().back().inbox_received(), 301u);
  EXPECT_EQ(w.shard.progress().back().inbox_acked(), 300u);  // nothing to prove before it
}

TEST_F(SessionTest, ANewOwnerIsToldAllThatItMustKnow) {
  bind();
  session->receive(presence().add(xml::Element("priority").add_text("5")));
  session->receive(xml::Element("presence", xmpp::ns::kClient).set("to", "room@localhost/nick"));
  session->receive(xml::Element("iq", xmpp::ns::kClient)
                       .set("type", "get")
                       .set("id", "r")
                       .add(xml::Element("query", xmpp::ns::kRoster)));
  session->receive(xml::Element("iq", xmpp::ns::kClient)
                       .set("type", "get")
                       .set("id", "b")
                       .add(xml::Element("blocklist", xmpp::ns::kBlocking)));
  w.run();
  const auto before = w.shard.registers().size();
  w.shard.epoch = 9;
  for (std::uint32_t p = 0; p < 4; ++p) w.owners.announce({p}, {{"shards", 0}, 9});
  w.run();
  ASSERT_THAT(w.shard.registers(), SizeIs(before + 1));
  const auto again = w.shard.registers().back();
  EXPECT_TRUE(again.available());
  EXPECT_EQ(again.priority(), 5);
  EXPECT_TRUE(again.interested());
  EXPECT_TRUE(again.blocklist());
  EXPECT_EQ(again.presence_sequence(), 2u);
  ASSERT_EQ(again.directed_size(), 1);
  EXPECT_EQ(again.directed(0).to(), "room@localhost/nick");
  EXPECT_TRUE(again.directed(0).inner().empty()) << "only whom it has reached";
}

// XEP-0280: enabled or not is the session's; since when, its shard has said.
TEST_F(SessionTest, ANewOwnerIsToldOfCarbons) {
  bind();
  auto ask = [&](std::string_view what) {
    session->receive(xml::Element("iq", xmpp::ns::kClient)
                         .set("type", "set")
                         .set("id", "c")
                         .add(xml::Element(std::string(what), xmpp::ns::kCarbons)));
    w.run();
  };
  auto registered = [&] {
    ++w.shard.epoch;
    for (std::uint32_t p = 0; p < 4; ++p) w.owners.announce({p}, {{"shards", 0}, w.shard.epoch});
    w.run();
    return w.shard.registers().back();
  };
  EXPECT_FALSE(registered().carbons());
  ask("enable");
  record::BusMessage anchor;
  auto& deliver = *anchor.mutable_deliver();
  deliver.set_number(w.shard.registers().back().number());
  deliver.set_epoch(w.shard.epoch);
  deliver.set_previous(101);
  deliver.set_stamp(150);
  deliver.mutable_copied()->set_since(150);
  w.shard.send(session->id(), anchor);
  w.run();
  auto again = registered();
  EXPECT_TRUE(again.carbons());
  EXPECT_EQ(again.copied().since(), 150u);
  EXPECT_EQ(again.direct_last(), 150u);
  EXPECT_THAT(client->stanzas, IsEmpty());
  ask("disable");
  EXPECT_FALSE(registered().carbons());
}

TEST_F(SessionTest, ASessionThatTheLogEndedIsTold) {
  bind();
  record::BusMessage end;
  end.mutable_end_session()->set_condition("conflict");
  w.shard.send(session->id(), end);
  w.run();
  EXPECT_EQ(client->ended, "conflict");
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(SessionTest, TheLogSaysWhyItWasEnded) {
  bind();
  record::BusMessage end;
  end.mutable_end_session()->set_condition("not-authorized");
  end.mutable_end_session()->set_text("the account was removed");
  ::testing::internal::CaptureStderr();
  w.shard.send(session->id(), end);
  w.run();
  base::flush_log();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("reason=\"not-authorized: the account was removed\""));
  EXPECT_EQ(client->ended, "not-authorized");
}

// ---------------------------------------------------------------- room

TEST_F(SessionTest, WithoutRoomADeliveryWaitsAtTheShard) {
  w.options.unacked_max = 2;
  bind();
  deliver(101, 200, "<message id='1'/>");
  deliver(200, 201, "<message id='2'/>");
  deliver(201, 202, "<message id='3'/>");
  EXPECT_THAT(client->stanzas, SizeIs(2));
  session->on_ack(2);
  w.run();
  EXPECT_EQ(direct(), 201u);  // asked for again
  deliver(201, 202, "<message id='3'/>");
  EXPECT_THAT(client->stanzas, SizeIs(3));
}

// An archive's page says with its end that it is all there is: no part of it may be missing.
TEST_F(SessionTest, APageIsWrittenWholeOrNotAtAll) {
  w.options.unacked_max = 2;
  bind();
  auto page = [&] {
    record::BusMessage message;
    for (const char* xml : {"<message id='1'/>", "<message id='2'/>", "<iq type='result'/>"})
      message.mutable_soft()->add_page(xml);
    message.mutable_soft()->set_instead("<iq type='error'/>");
    client->stanzas.clear();
    w.shard.send(session->id(), message);
    w.run();
    return client->stanzas;
  };
  deliver(101, 200, "<message id='0'/>");
  EXPECT_THAT(page(), ElementsAre("<message id='1'/>", "<message id='2'/>", "<iq type='result'/>"));
  EXPECT_THAT(page(), IsEmpty());  // twice the limit waits for an ack: not even an error is added
  session->on_ack(2);
  EXPECT_THAT(page(), ElementsAre("<iq type='error'/>"));
  session->on_ack(5);
  EXPECT_THAT(page(), SizeIs(3));
  session->on_ack(8);  // each stanza of a page counts
  EXPECT_EQ(client->ended, "");
}

TEST_F(SessionTest, ASlowReaderConfirmsNothing) {
  bind(false);
  client->waiting = 100 * 1024;
  deliver(101, 200, "<message id='1'/>");
  w.run(200ms);
  EXPECT_EQ(w.shard.progress().back().direct_received(), 0u);
  client->waiting = 0;
  session->drained();
  w.run();
  EXPECT_EQ(w.shard.progress().back().direct_received(), 200u);
}

TEST_F(SessionTest, AnAckOfMoreThanWasSentEndsTheStream) {
  bind();
  session->on_ack(1);
  EXPECT_EQ(client->ended, "undefined-condition");
}

// ---------------------------------------------------------------- C4 without stream management

TEST_F(SessionTest, WithoutStreamManagementAPongProvesReceipt) {
  bind(false);
  deliver(101, 200, "<message id='1'/>");
  w.run(500ms);
  EXPECT_EQ(w.shard.progress().back().direct_acked(), 101u);
  w.run(1s);
  ASSERT_THAT(client->stanzas, SizeIs(2));
  auto ping = xml::parse_document(client->stanzas[1]);
  const std::string id(std::get<xml::Element>(ping).attribute_or("id", ""));
  deliver(200, 201, "<message id='2'/>");  // behind the ping: not proven by its answer
  session->receive(xml::Element("iq", xmpp::ns::kClient).set("type", "result").set("id", id).set("to", "localhost"));
  w.run(200ms);
  EXPECT_EQ(w.shard.progress().back().direct_acked(), 200u);
  w.run(1s);
  EXPECT_THAT(client->stanzas, SizeIs(4));  // the next ping
}

TEST_F(SessionTest, WithoutStreamManagementALostConnectionIsTheEnd) {
  bind(false);
  session->detach();
  w.run();
  EXPECT_THAT(w.shard.unregisters(), SizeIs(1));
}

TEST_F(SessionTest, ASilentClientIsAskedAndThenCut) {
  bind();
  w.run(w.options.idle_ping + 1s);
  EXPECT_EQ(client->requests, 1);
  EXPECT_EQ(client->ended, "");
  w.run(w.options.idle_timeout);
  EXPECT_EQ(client->ended, "connection-timeout");
}

// ---------------------------------------------------------------- stanzas

TEST_F(SessionTest, AForgedSenderEndsTheStream) {
  bind();
  session->receive(message("a").set("from", "juliet@localhost/balcony"));
  EXPECT_EQ(client->ended, "invalid-from");
}

TEST_F(SessionTest, TheSenderIsStamped) {
  bind();
  session->receive(message("a").set("from", "romeo@localhost"));
  w.run();
  EXPECT_EQ(w.shard.accepted[0].stanza().from(), "romeo@localhost/orchard");
}

TEST_F(SessionTest, AnotherResourceOfTheOwnAccountIsOverridden) {
  bind();
  session->receive(message("a").set("from", "romeo@localhost/elsewhere"));
  w.run();
  EXPECT_EQ(client->ended, "");
  EXPECT_EQ(w.shard.accepted[0].stanza().from(), "romeo@localhost/orchard");
}

TEST_F(SessionTest, OtherDomainsAreNotFound) {
  bind();
  session->receive(message("a").set("to", "juliet@capulet.example"));
  ASSERT_THAT(client->stanzas, SizeIs(1));
  EXPECT_THAT(client->stanzas[0], HasSubstr("remote-server-not-found"));
  EXPECT_EQ(session->h(), 1u);
}

// RFC 6120 §8.4, RFC 6121 §8.5; what is for accounts is answered by their shards (test/dialogue/unhandled.txt).
TEST_F(SessionTest, AnIqThatNobodyTakesGetsServiceUnavailable) {
  bind();
  const auto say = [&](std::string_view to, std::string_view type, std::string_view ns) {
    client->stanzas.clear();
    xml::Element iq("iq", xmpp::ns::kClient);
    iq.set("type", type).set("id", "1").set("to", to);
    if (type == "get" || type == "set") iq.add(xml::Element("query", ns));
    session->receive(std::move(iq));
    return client->stanzas;
  };
  for (const auto* to : {"localhost", "localhost/resource"}) {
    for (const auto* type : {"get", "set"}) {
      for (const auto* ns : {"urn:example:unknown", "http://jabber.org/protocol/pubsub", "urn:xmpp:blocking"}) {
        const auto out = say(to, type, ns);
        ASSERT_THAT(out, SizeIs(1)) << to << type << ns;
        EXPECT_THAT(out[0], HasSubstr("service-unavailable"));
        EXPECT_THAT(out[0], HasSubstr(std::string("from='") + to + "'"));
      }
    }
    for (const auto* type : {"result", "error"}) EXPECT_THAT(say(to, type, ""), SizeIs(0)) << to << type;
  }
}

TEST_F(SessionTest, AStanzaIdInTheServersNameIsDropped) {
  bind();
  session->receive(message("a").add(
      xml::Element("stanza-id", xmpp::ns::kStanzaId).set("by", "juliet@localhost").set("id", "forged")));
  w.run();
  EXPECT_THAT(w.shard.accepted[0].stanza().inner(), testing::Not(HasSubstr("forged")));
}

// XEP-0359 §3: of the sender's and the recipient's account, of their server, and of nobody. What others said stays.
TEST_F(SessionTest, OnlyStanzaIdsOfOthersAreKept) {
  bind();
  for (const char* to : {"juliet@localhost/balcony", ""}) {
    auto out = message("a");
    if (*to == 0)
      std::erase_if(out.attributes, [](const auto& one) { return one.name == "to"; });
    else
      out.set("to", to);
    for (const char* by : {"romeo@localhost", "romeo@localhost/crypt", "localhost", "", "no@such@address"})
      out.add(xml::Element("stanza-id", xmpp::ns::kStanzaId).set("by", by).set("id", "forged"));
    out.add(xml::Element("stanza-id", xmpp::ns::kStanzaId).set("id", "forged"));
    out.add(xml::Element("stanza-id", xmpp::ns::kStanzaId).set("by", "room@localhost").set("id", "genuine"));
    session->receive(out);
    w.run();
    EXPECT_THAT(w.shard.accepted.back().stanza().inner(), testing::Not(HasSubstr("forged"))) << to;
    EXPECT_THAT(w.shard.accepted.back().stanza().inner(), HasSubstr("genuine")) << to;
  }
}

// XEP-0203 §5: of the server, and of the recipient's account there. What others said stays, and what nobody is named
// for.
TEST_F(SessionTest, OnlyDelaysOfOthersAreKept) {
  bind();
  auto out = message("a").set("to", "juliet@localhost/balcony");
  const auto delay = [&](const char* from, const char* stamp) {
    out.add(xml::Element("delay", xmpp::ns::kDelay).set("from", from).set("stamp", stamp));
  };
  for (const char* from : {"localhost", "LOCALHOST", "juliet@localhost", "Juliet@localhost"}) delay(from, "forged");
  for (const char* from : {"romeo@localhost/crypt", "romeo@localhost", "room@localhost", "example.org"})
    delay(from, "genuine");
  session->receive(out);
  w.run();
  const auto inner = w.shard.accepted.back().stanza().inner();
  EXPECT_THAT(inner, testing::Not(HasSubstr("forged")));
  std::size_t kept = 0;
  for (auto at = inner.find("genuine"); at != std::string::npos; at = inner.find("genuine", at + 1)) ++kept;
  EXPECT_EQ(kept, 4u) << inner;
}

TEST_F(SessionTest, WhatIsNoStanzaEndsTheStream) {
  bind();
  session->receive(xml::Element("letter", xmpp::ns::kClient));
  EXPECT_EQ(client->ended, "unsupported-stanza-type");
}

}  // namespace
}  // namespace iris::edge
