#include <gtest/gtest.h>

#include "xml/push_parser.h"

namespace iris::xml {
namespace {

Fault fault(const std::variant<Element, ParseError>& result) {
  EXPECT_TRUE(std::holds_alternative<ParseError>(result));
  return std::get<ParseError>(result).fault;
}

TEST(Document, one_element) {  // RFC 7395 §3.3.3
  const auto result = parse_document("<message xmlns='jabber:client'><body>x</body></message>");
  ASSERT_TRUE(std::holds_alternative<Element>(result));
  EXPECT_EQ(std::get<Element>(result).child_text("body", "jabber:client"), "x");
}

TEST(Document, not_two_not_half_not_none) {
  EXPECT_EQ(fault(parse_document("<a/><b/>")), Fault::not_well_formed);
  EXPECT_EQ(fault(parse_document("<a>")), Fault::not_well_formed);
  EXPECT_EQ(fault(parse_document("<a/> x")), Fault::not_well_formed);
  EXPECT_EQ(fault(parse_document("")), Fault::not_well_formed);
  EXPECT_EQ(fault(parse_document(" ")), Fault::not_well_formed);
}

TEST(Document, restrictions_and_limits_hold) {
  EXPECT_EQ(fault(parse_document("<a><!-- --></a>")), Fault::restricted_xml);
  EXPECT_EQ(fault(parse_document("<a/><?pi?>")), Fault::restricted_xml);
  EXPECT_EQ(fault(parse_document("<!DOCTYPE a [<!ENTITY b '" + std::string(1000, 'x') + "'>]><a>&b;&b;</a>")),
            Fault::restricted_xml);
  EXPECT_EQ(fault(parse_document("<a>12345</a>", {.stanza_bytes_max = 11})), Fault::policy_violation);
  EXPECT_EQ(fault(parse_document("<a><b/></a>", {.depth_max = 1})), Fault::policy_violation);
  EXPECT_EQ(fault(parse_document("<x:a/>")), Fault::bad_namespace_prefix);
}

TEST(Fragment, gives_the_children_back) {
  const auto element = Element("inner", "jabber:client")
                           .add(Element("body").add_text("a<b"))
                           .add(Element("x", "urn:x").set("y", "'"))
                           .add_text(" \r\n");
  std::string bytes;
  element.append_children_to(bytes, {.default_ns = "jabber:client"});
  EXPECT_EQ(std::get<Element>(parse_fragment(bytes, "jabber:client")), element);
  EXPECT_EQ(std::get<Element>(parse_fragment("", "x")), Element("inner", "x"));
}

TEST(Fragment, cannot_break_out) {
  EXPECT_EQ(fault(parse_fragment("</inner><inner>", "x")), Fault::not_well_formed);
  EXPECT_EQ(fault(parse_fragment("</inner>", "x")), Fault::not_well_formed);
}

}  // namespace
}  // namespace iris::xml
