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
  EXPECT_THAT(say(peer, "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>"), HasSubstr("<not-allowed"));
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
