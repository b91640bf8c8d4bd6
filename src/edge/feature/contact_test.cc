// XEP-0157 of the domain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using testing::HasSubstr;
using testing::Not;

class ContactTest : public StreamTest {
 protected:
  std::string info() {
    make_account();
    auto peer = bind();
    return say(peer,
               "<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
  }
};

TEST_F(ContactTest, WithoutAddressesThereIsNoForm) { EXPECT_THAT(info(), Not(HasSubstr("jabber:x:data"))); }

TEST_F(ContactTest, AddressesAreShownByKind) {
  w.options.contacts.abuse = {"mailto:abuse@shakespeare.lit", "xmpp:abuse@shakespeare.lit"};
  w.options.contacts.status = {"https://status.shakespeare.lit"};
  const auto out = info();
  EXPECT_THAT(out,
              HasSubstr("<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/network/serverinfo</value>"));
  EXPECT_THAT(out,
              HasSubstr("<field var='abuse-addresses' type='list-multi'><value>mailto:abuse@shakespeare.lit</value>"
                        "<value>xmpp:abuse@shakespeare.lit</value></field>"));
  EXPECT_THAT(out, HasSubstr("<field var='status-addresses' type='list-multi'><value>https://status"));
  EXPECT_THAT(out, Not(HasSubstr("sales-addresses")));
}

}  // namespace
}  // namespace iris::edge
