// XEP-0092 of the domain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/edge.h"
#include "edge/stream_for_tests.h"

namespace iris::edge {
namespace {

using testing::HasSubstr;

class VersionTest : public StreamTest {
 protected:
  std::string ask(Disclosure disclosure) {
    w.options.disclosure = disclosure;
    w.options.software_version = "1.2.3";
    w.options.operating_system = "Linux 6.1";
    make_account();
    auto peer = bind();
    const auto info =
        say(peer, "<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    EXPECT_EQ(info.find("jabber:iq:version") != std::string::npos, disclosure != Disclosure::nothing);
    return say(peer, "<iq type='get' id='v' to='localhost'><query xmlns='jabber:iq:version'/></iq>");
  }
};

TEST_F(VersionTest, NameAndVersionAreTold) {
  const auto out = ask(Disclosure::version);
  EXPECT_THAT(out, HasSubstr("<query xmlns='jabber:iq:version'><name>Iris</name><version>1.2.3</version></query>"));
}

TEST_F(VersionTest, TheSystemIsToldWhereTheOperatorSaysSo) {
  EXPECT_THAT(ask(Disclosure::operating_system), HasSubstr("<os>Linux 6.1</os>"));
}

TEST_F(VersionTest, WhatIsHiddenIsAsIfItWereNotThere) {
  EXPECT_THAT(ask(Disclosure::nothing), HasSubstr("<service-unavailable"));
}

}  // namespace
}  // namespace iris::edge
