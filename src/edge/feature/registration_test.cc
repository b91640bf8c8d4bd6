// XEP-0077: who may make an account, and what can be done with one's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

using RegistrationTest = StreamTest;

TEST_F(RegistrationTest, RegistrationIsClosedUnlessConfigured) {
  auto peer = connect();
  EXPECT_THAT(say(peer, kOpen), Not(HasSubstr("iq-register")));
  EXPECT_THAT(say(peer, "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>"),
              HasSubstr("<service-unavailable"));
}

// §3.1.1, in its order: what is asked for, what is wrong, and what is taken.
TEST_F(RegistrationTest, WhatIsMissingOrCannotBeIsNotAcceptable) {
  w.options.registration = Registration::open;
  make_account();
  auto peer = connect();
  say(peer, kOpen);
  EXPECT_THAT(say(peer, "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>"),
              HasSubstr("<instructions>Choose a name and a password.</instructions><username/><password/></query>"));
  struct {
    const char* fields;
    const char* condition;
  } const cases[] = {
      {"", "<not-acceptable"},
      {"<username>juliet</username>", "<not-acceptable"},
      {"<username>juliet</username><password/>", "<not-acceptable"},
      {"<password>secret</password>", "<not-acceptable"},
      {"<username/><password>secret</password>", "<not-acceptable"},
      {"<username>jul iet</username><password>secret</password>", "<not-acceptable"},
      {"<username>juliet@localhost</username><password>secret</password>", "<not-acceptable"},
      {"<username>juliet</username><password>bell&#x7f;</password>", "<not-acceptable"},
      {"<username>ROMEO</username><password>secret</password>", "<error type='cancel' code='409'><conflict"}};
  for (const auto& [fields, condition] : cases) {
    const auto out = say(
        peer, std::string("<iq type='set' id='s'><query xmlns='jabber:iq:register'>") + fields + "</query></iq>", 50ms);
    EXPECT_THAT(out, HasSubstr(condition)) << fields;
    EXPECT_THAT(out, Not(HasSubstr("<query"))) << fields;  // nothing is sent back
  }
}

// §3.2
TEST_F(RegistrationTest, WhoIsNobodyYetHasNothingToCancel) {
  w.options.registration = Registration::open;
  auto peer = connect();
  say(peer, kOpen);
  EXPECT_THAT(say(peer, "<iq type='set' id='s'><query xmlns='jabber:iq:register'><remove/></query></iq>"),
              HasSubstr("<unexpected-request"));
}

TEST_F(RegistrationTest, APasswordDoesNotCrossAnOpenWire) {
  w.options.registration = Registration::open;
  auto peer = connect(false);
  EXPECT_THAT(say(peer, kOpen), Not(HasSubstr("iq-register")));
  EXPECT_THAT(say(peer,
                  "<iq type='set' id='s'><query xmlns='jabber:iq:register'><username>romeo</username>"
                  "<password>secret</password></query></iq>"),
              HasSubstr("<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"));
}

// §3.1: the account that one has, without its password.
TEST_F(RegistrationTest, WhoIsLoggedInIsRegistered) {
  make_account();
  auto peer = bind();
  const auto out = say(peer, "<iq type='get' id='r' to='localhost'><query xmlns='jabber:iq:register'/></iq>");
  EXPECT_THAT(out, HasSubstr("<username>romeo</username><password/><registered/>"));
}

// §3.2, §3.3
TEST_F(RegistrationTest, IncompleteChangesAreBadRequestsAndChangeNothing) {
  make_account();
  auto peer = bind();
  for (const char* fields : {"<username>romeo</username><password/>", "<username>romeo</username>",
                             "<password>new</password>", "", "<remove/><username>romeo</username>"})
    EXPECT_THAT(say(peer,
                    std::string("<iq type='set' id='s' to='localhost'><query xmlns='jabber:iq:register'>") + fields +
                        "</query></iq>",
                    50ms),
                HasSubstr("<bad-request"))
        << fields;
  log_in();  // with the old password
}

TEST_F(RegistrationTest, ChangesByClientsCanBeSwitchedOff) {
  w.options.account_changes = false;
  make_account();
  auto peer = bind();
  for (const char* fields : {"<username>romeo</username><password>new</password>", "<remove/>"})
    EXPECT_THAT(say(peer,
                    std::string("<iq type='set' id='s' to='localhost'><query xmlns='jabber:iq:register'>") + fields +
                        "</query></iq>",
                    50ms),
                HasSubstr("<not-allowed"))
        << fields;
  EXPECT_THAT(
      say(peer, "<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"),
      Not(HasSubstr("jabber:iq:register")));
  log_in();
}

TEST_F(RegistrationTest, ANewcomerRegistersOnceAndLogsIn) {
  w.options.registration = Registration::open;
  auto peer = connect();
  EXPECT_THAT(say(peer, kOpen), HasSubstr("http://jabber.org/features/iq-register"));
  EXPECT_THAT(say(peer, "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>"), HasSubstr("<username/>"));
  const std::string set =
      "<iq type='set' id='s'><query xmlns='jabber:iq:register'><username>romeo</username><password>secret</password>"
      "</query></iq>";
  EXPECT_THAT(say(peer, set, 50ms), HasSubstr("type='result'"));
  EXPECT_THAT(say(peer, set, 50ms), HasSubstr("<conflict"));
  EXPECT_THAT(say(peer, plain("romeo", "secret")), HasSubstr("<success"));
}

TEST_F(RegistrationTest, RegistrationOnLoopbackOnlyIsForLoopback) {
  w.options.registration = Registration::loopback;
  auto stranger = connect();
  EXPECT_THAT(say(stranger, kOpen), Not(HasSubstr("iq-register")));
  auto local = connect();
  local.transport->address = {"127.0.0.1", 50000};
  EXPECT_THAT(say(local, kOpen), HasSubstr("iq-register"));
}

TEST_F(RegistrationTest, APasswordIsChangedByItsOwnerOnly) {
  make_account();
  auto peer = bind();
  EXPECT_THAT(say(peer,
                  "<iq type='set' id='s' to='localhost'><query xmlns='jabber:iq:register'><username>juliet"
                  "</username><password>new</password></query></iq>"),
              HasSubstr("<not-allowed"));
  EXPECT_THAT(say(peer,
                  "<iq type='set' id='s' to='localhost'><query xmlns='jabber:iq:register'><username>romeo"
                  "</username><password>new</password></query></iq>",
                  50ms),
              HasSubstr("type='result'"));
  auto again = connect();
  say(again, kOpen);
  EXPECT_THAT(say(again, plain("romeo", "secret")), HasSubstr("<not-authorized"));
  EXPECT_THAT(say(again, plain("romeo", "new")), HasSubstr("<success"));
}

TEST_F(RegistrationTest, AnAccountIsRemovedAlsoByARequestToNobody) {
  make_account();
  auto peer = bind();
  EXPECT_THAT(say(peer, "<iq type='set' id='s'><query xmlns='jabber:iq:register'><remove/></query></iq>", 50ms),
              HasSubstr("type='result'"));
  auto again = connect();
  say(again, kOpen);
  EXPECT_THAT(say(again, plain("romeo", "secret")), HasSubstr("<not-authorized"));
}

}  // namespace
}  // namespace iris::edge
