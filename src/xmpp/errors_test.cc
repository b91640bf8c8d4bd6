#include <gtest/gtest.h>

#include "xmpp/stanza_error.h"
#include "xmpp/stream_error.h"

namespace iris::xmpp {
namespace {

TEST(StreamErrors, names_and_conditions_belong_together) {
  for (int i = 0; i < kStreamConditionCount; ++i) {
    const auto condition = static_cast<StreamCondition>(i);
    EXPECT_EQ(stream_condition(to_string(condition)), condition);
  }
  EXPECT_EQ(stream_condition("no-such"), std::nullopt);
  EXPECT_EQ(to_string(StreamCondition::unsupported_version), "unsupported-version");
  EXPECT_EQ(to_string(StreamCondition::host_unknown), "host-unknown");
}

TEST(StreamErrors, as_an_element) {
  EXPECT_EQ((StreamError{StreamCondition::policy_violation, "too <big>"}.to_element().serialize()),
            "<error xmlns='http://etherx.jabber.org/streams'>"
            "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>too &lt;big&gt;</text></error>");
  EXPECT_EQ((StreamError{StreamCondition::see_other_host, "other:5222"}.to_element().serialize()),
            "<error xmlns='http://etherx.jabber.org/streams'>"
            "<see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>other:5222</see-other-host></error>");
}

TEST(StreamErrors, each_parser_fault_has_its_condition) {
  using xml::Fault;
  for (const auto fault : {Fault::not_well_formed, Fault::restricted_xml, Fault::policy_violation,
                           Fault::unsupported_encoding, Fault::bad_namespace_prefix, Fault::bad_format}) {
    const auto error = to_stream_error({fault, "why"});
    EXPECT_EQ(to_string(error.condition), xml::to_string(fault));
    EXPECT_EQ(error.text, "why");
  }
}

TEST(StanzaErrors, names_and_conditions_belong_together) {
  for (int i = 0; i < kStanzaConditionCount; ++i) {
    const auto condition = static_cast<StanzaCondition>(i);
    EXPECT_EQ(stanza_condition(to_string(condition)), condition);
  }
  EXPECT_EQ(stanza_condition("no-such"), std::nullopt);
  EXPECT_EQ(default_type(StanzaCondition::forbidden), ErrorType::auth);
  EXPECT_EQ(default_type(StanzaCondition::resource_constraint), ErrorType::wait);
  EXPECT_EQ(default_type(StanzaCondition::service_unavailable), ErrorType::cancel);
  EXPECT_EQ(error_type("continue"), ErrorType::continue_);
  EXPECT_EQ(error_type("x"), std::nullopt);
}

TEST(StanzaErrors, there_and_back) {
  StanzaError error(StanzaCondition::policy_violation, ErrorType::wait, "slow down");
  error.application = xml::Element("too-fast", "urn:x");
  const auto element = error.to_element();
  EXPECT_EQ(element.serialize("jabber:client"),
            "<error type='wait'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>slow down</text>"
            "<too-fast xmlns='urn:x'/></error>");
  EXPECT_EQ(StanzaError::from_element(element), error);
}

TEST(StanzaErrors, what_is_unknown_is_an_undefined_condition) {
  const auto error = StanzaError::from_element(xml::Element("error", "jabber:client").set("type", "odd"));
  EXPECT_EQ(error.condition, StanzaCondition::undefined_condition);
  EXPECT_EQ(error.type, ErrorType::cancel);
}

}  // namespace
}  // namespace iris::xmpp
