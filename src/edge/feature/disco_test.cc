// XEP-0030 of the domain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using testing::HasSubstr;

using DiscoTest = StreamTest;

TEST_F(DiscoTest, TheDomainSaysWhatItCan) {
  w.options.module_features = {"urn:xmpp:mam:2"};
  make_account();
  auto peer = bind();
  const auto out =
      say(peer, "<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
  EXPECT_THAT(out, HasSubstr("category='server'"));
  EXPECT_THAT(out, HasSubstr("urn:xmpp:ping"));
  EXPECT_THAT(out, HasSubstr("urn:xmpp:mam:2"));
}

}  // namespace
}  // namespace iris::edge
