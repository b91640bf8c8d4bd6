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

TEST_F(DiscoTest, TheDomainHasNoItems) {
  make_account();
  auto peer = bind();
  EXPECT_THAT(
      say(peer, "<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>"),
      HasSubstr("<query xmlns='http://jabber.org/protocol/disco#items'/>"));
}

// §7
TEST_F(DiscoTest, ANodeThatIsNotThereIsNotFound) {
  make_account();
  auto peer = bind();
  for (const char* what : {"info", "items"})
    EXPECT_THAT(say(peer, std::string("<iq type='get' id='d' to='localhost'><query node='x' "
                                      "xmlns='http://jabber.org/protocol/disco#") +
                              what + "'/></iq>"),
                HasSubstr("<item-not-found"));
}

}  // namespace
}  // namespace iris::edge
