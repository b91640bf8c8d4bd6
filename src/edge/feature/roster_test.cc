// RFC 6121 §2.6.1 and §3.4; RFC 3921 §3 beside them, which old clients go by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using testing::HasSubstr;
using testing::Not;

using RosterFeatureTest = StreamTest;

TEST_F(RosterFeatureTest, VersioningAndPreApprovalAreAdvertisedAfterLogin) {
  make_account();
  Peer peer = connect();
  const auto before = say(peer, kOpen);
  EXPECT_THAT(before, HasSubstr("features"));
  EXPECT_THAT(before, Not(HasSubstr("urn:xmpp:features:")));
  say(peer, plain("romeo", "secret"));
  const auto after = say(peer, kOpen);
  EXPECT_THAT(after, HasSubstr("<ver xmlns='urn:xmpp:features:rosterver'/>"));
  EXPECT_THAT(after, HasSubstr("<sub xmlns='urn:xmpp:features:pre-approval'/>"));
  EXPECT_THAT(after, HasSubstr("<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"));
}

TEST_F(RosterFeatureTest, TheOldSessionRequestIsAnswered) {
  make_account();
  auto peer = bind();
  EXPECT_THAT(say(peer, "<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"),
              HasSubstr("<iq type='result' id='s'"));
}

}  // namespace
}  // namespace iris::edge
