#include "module/message.h"

#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kAlice = "alice@localhost/one";
constexpr auto kBob = "bob@localhost/two";

struct MessageTest : testing::Test {
  Stage stage;
  const record::ArchiveRow& only_row(std::string_view bare) {
    auto& rows = stage.account(bare).rows_;
    EXPECT_EQ(rows.size(), 1u);
    return rows.begin()->second;
  }
};

TEST_F(MessageTest, IsKeptByBothAndDeliveredOnce) {
  stage.login(kAlice);
  stage.login(kBob);
  stage.send(kAlice, "<message to='bob@localhost' type='chat' id='m'><body>hello</body></message>");
  EXPECT_TRUE(
      are(stage.read(kBob),
          {"<message type='chat' id='m' from='alice@localhost/one' to='bob@localhost'><body>hello</body></message>"}));
  const auto& sent = only_row("alice@localhost");
  EXPECT_TRUE(sent.outgoing() && sent.visible() && !sent.inbox() && !sent.offline());
  const auto& received = only_row("bob@localhost");
  EXPECT_TRUE(!received.outgoing() && received.visible() && received.inbox() && received.offline());
}

TEST_F(MessageTest, ToOneselfIsKeptOnce) {
  stage.login(kAlice);
  for (auto to : {"", "to='alice@localhost'"}) {
    stage.account("alice@localhost").rows_.clear();
    stage.send(kAlice, std::string("<message ") + to + " type='chat'><body>a note</body></message>");
    EXPECT_TRUE(are(stage.read(kAlice), {"<message to='alice@localhost'><body>a note</body></message>"}));
    EXPECT_TRUE(only_row("alice@localhost").inbox());
  }
}

// RFC 6121 §8.5.3.1
TEST_F(MessageTest, ToAFullJidGoesToThatSessionAndIsPending) {
  stage.login(kAlice);
  stage.login(kBob);
  stage.login("bob@localhost/three");
  stage.send(kAlice, "<message to='bob@localhost/two' type='chat'><body>hello</body></message>");
  EXPECT_EQ(stage.read(kBob).size(), 1u);
  EXPECT_EQ(stage.read("bob@localhost/three").size(), 0u);
  const auto& row = only_row("bob@localhost");
  EXPECT_EQ(row.resource(), "two");
  EXPECT_TRUE(row.visible() && !row.inbox());
}

// Rule C4: the session ends without having acknowledged.
TEST_F(MessageTest, PendingIsRoutedAgainToTheAccount) {
  stage.login(kAlice);
  stage.login(kBob);
  stage.login("bob@localhost/three");
  stage.send(kAlice, "<message to='bob@localhost/two' type='chat' id='m'><body>hello</body></message>");
  auto first = stage.account("bob@localhost").rows_.begin()->first;
  stage.read("bob@localhost/three");
  stage.end(kBob);
  auto seen = stage.read("bob@localhost/three");
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(mismatch(seen.back(), "<message id='m' to='bob@localhost/two'><body>hello</body></message>"), "");
  auto& rows = stage.account("bob@localhost").rows_;
  ASSERT_EQ(rows.size(), 2u);
  const auto& again = rows.rbegin()->second;
  EXPECT_EQ(again.original_stamp(), record::stamp_of_key(first).value);
  EXPECT_TRUE(again.inbox() && again.offline() && !again.visible());
}

// A session that never acknowledges holds so much in memory and no more.
TEST_F(MessageTest, WhatAResourceDoesNotAcknowledgeGoesToTheAccountBeyondALimit) {
  stage.options.pending_max = 2;
  stage.login(kAlice);
  stage.login(kBob);
  for (int i = 0; i < 4; ++i)
    stage.send(kAlice, "<message to='bob@localhost/two' type='chat'><body>hello</body></message>");
  std::string due;
  for (const auto& [stamp, row] : stage.account("bob@localhost").rows_) due += row.inbox() ? 'i' : 'r';
  EXPECT_EQ(due, "rrii");
  EXPECT_EQ(stage.read(kBob).size(), 4u);
}

TEST_F(MessageTest, WhatAResourceDoesNotAcknowledgeGoesToTheAccountBeyondALimitOfBytes) {
  stage.options.pending_bytes_max = 1000;
  stage.login(kAlice);
  stage.login(kBob);
  const std::string body(900, 'x');
  for (int i = 0; i < 3; ++i)
    stage.send(kAlice, "<message to='bob@localhost/two' type='chat'><body>" + body + "</body></message>");
  std::string due;
  for (const auto& [stamp, row] : stage.account("bob@localhost").rows_) due += row.inbox() ? 'i' : 'r';
  EXPECT_EQ(due, "rri");
}

// §8.5.3.2
TEST_F(MessageTest, ToAFullJidThatIsGoneIsForTheAccount) {
  stage.login(kAlice);
  stage.login(kBob);
  stage.send(kAlice, "<message to='bob@localhost/gone' type='chat'><body>hello</body></message>");
  EXPECT_EQ(stage.read(kBob).size(), 1u);
  EXPECT_TRUE(only_row("bob@localhost").inbox());
}

TEST_F(MessageTest, ToAFullJidThatIsGoneANormalOneComesBack) {
  stage.login(kAlice);
  stage.login(kBob);
  stage.send(kAlice, "<message to='bob@localhost/gone' id='m'><body>hello</body></message>");
  EXPECT_TRUE(stage.read(kBob).empty());
  EXPECT_TRUE(stage.account("bob@localhost").rows_.empty());
  EXPECT_TRUE(are(stage.read(kAlice), {"<message type='error' id='m' from='bob@localhost/gone'><error><service-"
                                       "unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"}));
}

TEST_F(MessageTest, GroupchatToAnAccountIsAnError) {
  stage.login(kAlice);
  stage.login(kBob);
  record::Inbound inbound;
  auto& stanza = *inbound.mutable_stanza();
  stanza.set_type("groupchat");
  stanza.set_from(kAlice);
  stanza.set_to("bob@localhost");
  auto& bob = stage.account("bob@localhost");
  shard::Apply apply(stage.options, bob.jid_, {5'000'000}, bob.state_);
  EXPECT_TRUE(make_message()->on_inbound(apply, inbound));
  ASSERT_EQ(apply.emissions().size(), 1u);
  EXPECT_EQ(apply.emissions()[0].to_bare, "alice@localhost");
  EXPECT_EQ(apply.emissions()[0].inbound.stanza().type(), "error");
  EXPECT_FALSE(apply.kept());
}

TEST_F(MessageTest, ErrorsAndHeadlinesToNoSessionAreDropped) {
  stage.create("bob@localhost");
  auto& bob = stage.account("bob@localhost");
  for (auto [type, to, kept] : {std::tuple{"error", "bob@localhost", false},
                                {"error", "bob@localhost/gone", false},
                                {"headline", "bob@localhost/gone", false},
                                {"headline", "bob@localhost", true}}) {
    SCOPED_TRACE(std::string(type) + " to " + to);
    record::Inbound inbound;
    inbound.mutable_stanza()->set_type(type);
    inbound.mutable_stanza()->set_from(kAlice);
    inbound.mutable_stanza()->set_to(to);
    shard::Apply apply(stage.options, bob.jid_, {5'000'000}, bob.state_);
    EXPECT_TRUE(make_message()->on_inbound(apply, inbound));
    EXPECT_EQ(apply.kept().has_value(), kept);
    EXPECT_TRUE(apply.emissions().empty());
  }
}

TEST_F(MessageTest, ToAnotherServerIsRefused) {
  stage.login(kAlice);
  stage.send(kAlice, "<message to='bob@example.org' type='chat' id='m'><body>hello</body></message>");
  EXPECT_TRUE(are(stage.read(kAlice), {"<message type='error' id='m'><error><remote-server-not-found "
                                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"}));
  EXPECT_TRUE(stage.account("alice@localhost").rows_.empty());
}

TEST_F(MessageTest, NegativePriorityIsNotServedByTheInbox) {
  stage.login(kAlice);
  stage.bind(kBob);
  stage.send(kBob, "<presence><priority>-1</priority></presence>");
  stage.read(kBob);
  stage.send(kAlice, "<message to='bob@localhost' type='chat'><body>hello</body></message>");
  EXPECT_TRUE(are(stage.read(kBob), {}));
  EXPECT_TRUE(only_row("bob@localhost").offline());
}

}  // namespace
}  // namespace iris::module
