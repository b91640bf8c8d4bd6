#include "xml/element.h"

#include <gtest/gtest.h>

#include "xml/push_parser.h"

namespace iris::xml {
namespace {

Element roster_result() {
  return Element("iq", "jabber:client")
      .set("type", "result")
      .set("id", "1")
      .add(Element("query", "jabber:iq:roster").add(Element("item").set("jid", "a@b").add(Element("group"))));
}

TEST(Element, declares_a_namespace_only_where_it_changes) {
  EXPECT_EQ(roster_result().serialize("jabber:client"),
            "<iq type='result' id='1'><query xmlns='jabber:iq:roster'><item jid='a@b'><group/></item></query></iq>");
  EXPECT_EQ(Element("a", "x").serialize(), "<a xmlns='x'/>");
}

TEST(Element, child_without_namespace_takes_its_parents_all_the_way_down) {
  const auto iq = roster_result();
  const auto* item = iq.child("query", "jabber:iq:roster")->child("item");
  ASSERT_NE(item, nullptr);
  EXPECT_NE(item->child("group", "jabber:iq:roster"), nullptr);
}

TEST(Element, no_namespace_is_undeclared_inside_one) {
  Element outer("a", "x");
  outer.children.emplace_back(Element("b"));
  EXPECT_EQ(outer.serialize(), "<a xmlns='x'><b xmlns=''/></a>");
}

TEST(Element, stream_elements_are_prefixed_where_the_prefix_is_declared) {
  const auto error = Element("error", kStreamNamespace).add(Element("reset", "urn:ietf:params:xml:ns:xmpp-streams"));
  std::string tcp;
  error.append_to(tcp, {.default_ns = "jabber:client", .stream_prefix = true});
  EXPECT_EQ(tcp, "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
  EXPECT_EQ(error.serialize(),
            "<error xmlns='http://etherx.jabber.org/streams'>"
            "<reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
}

TEST(Element, prefixed_attributes_get_a_declared_prefix) {
  Element element("a", "x");
  element.set_lang("en");
  element.attributes.push_back({"b", "1", "urn:one"});
  element.attributes.push_back({"b", "2", "urn:two"});
  EXPECT_EQ(element.serialize("x"), "<a xml:lang='en' xmlns:a0='urn:one' a0:b='1' xmlns:a1='urn:two' a1:b='2'/>");
  EXPECT_EQ(std::get<Element>(parse_document(element.serialize())), element);
}

TEST(Element, of_the_xml_namespace_keeps_its_prefix) {
  const auto element = std::get<Element>(parse_document("<xml:a><b/><c xmlns='x'/></xml:a>"));
  EXPECT_EQ(element.ns, kXmlNamespace);
  EXPECT_EQ(element.serialize("x"), "<xml:a><b xmlns=''/><c/></xml:a>");
  EXPECT_EQ(std::get<Element>(parse_document(element.serialize())), element);
}

TEST(Element, set_replaces) {
  Element element("a");
  element.set("k", "1").set("k", "2").set_lang("en").set_lang("de");
  EXPECT_EQ(element.attributes.size(), 2u);
  EXPECT_EQ(element.attribute("k"), "2");
  EXPECT_EQ(element.attribute("lang", kXmlNamespace), "de");
  EXPECT_EQ(element.attribute("lang"), std::nullopt);
  EXPECT_EQ(element.attribute_or("none", "fallback"), "fallback");
}

TEST(Element, text_and_children) {
  auto element = Element("a", "x").add_text("one ").add(Element("b").add_text("not this")).add_text("two").add_text("");
  EXPECT_EQ(element.text(), "one two");
  EXPECT_EQ(element.child_text("b", "x"), "not this");
  EXPECT_EQ(element.child_text("c", "x"), "");
  EXPECT_EQ(element.element_count(), 1u);
  EXPECT_EQ(element.first_child()->name, "b");
  EXPECT_EQ(element.child_in("x")->name, "b");
  EXPECT_EQ(element.elements("b", "x").size(), 1u);
  EXPECT_EQ(element.remove_children([](const Element& child) { return child.name == "b"; }), 1u);
  EXPECT_EQ(element.first_child(), nullptr);
  EXPECT_EQ(element.serialize("x"), "<a>one two</a>");
}

TEST(ElementDeathTest, declarations_are_not_attributes) { EXPECT_DEATH(Element("a").set("xmlns", "x"), ""); }

}  // namespace
}  // namespace iris::xml
