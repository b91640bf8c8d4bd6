// Dates, paging and forms.
#include <gtest/gtest.h>

#include "xml/push_parser.h"
#include "xmpp/dataform.h"
#include "xmpp/datetime.h"
#include "xmpp/ns.h"
#include "xmpp/rsm.h"

namespace iris::xmpp {
namespace {

base::WallTime at(std::int64_t micros) { return base::WallTime(base::Duration(micros)); }

TEST(DateTime, written_in_utc) {
  EXPECT_EQ(format_datetime(at(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_datetime(at(1'000'000'000'123'456)), "2001-09-09T01:46:40.123456Z");
  EXPECT_EQ(format_datetime(at(-1)), "1969-12-31T23:59:59.999999Z");
}

TEST(DateTime, read) {
  EXPECT_EQ(parse_datetime("1970-01-01T00:00:00Z"), at(0));
  EXPECT_EQ(parse_datetime("1969-07-21T02:56:15Z"), parse_datetime("1969-07-20T21:56:15-05:00"));  // XEP-0082 §3.2
  EXPECT_EQ(parse_datetime("2001-09-09T01:46:40.123456Z"), at(1'000'000'000'123'456));
  EXPECT_EQ(parse_datetime("2001-09-09T01:46:40.5+00:00"), at(1'000'000'000'500'000));
  EXPECT_EQ(parse_datetime("2001-09-09T01:46:40.1234567899Z"), at(1'000'000'000'123'456));
  EXPECT_EQ(parse_datetime("2000-02-29T00:00:00Z").has_value(), true);
  for (std::int64_t micros : {0LL, 1LL, 951'782'400'000'000LL, 4'102'444'800'000'001LL}) {
    EXPECT_EQ(parse_datetime(format_datetime(at(micros))), at(micros));
  }
}

TEST(DateTime, not_a_date) {
  for (const auto* text :
       {"", "2001-09-09", "2001-09-09T01:46:40", "2001-09-09T01:46Z", "2001-13-09T01:46:40Z", "2001-02-29T01:46:40Z",
        "2001-09-09T24:00:00Z", "2001-09-09T01:60:40Z", "2001-09-09T01:46:61Z", "2001-09-09T01:46:40.Z",
        "2001-09-09T01:46:40Zx", "2001-09-09T01:46:40+1:00", "2001-09-09T01:46:40+24:00", "2001-09-09 01:46:40Z",
        "20010909T01:46:40", "-001-09-09T01:46:40Z"}) {
    EXPECT_EQ(parse_datetime(text), std::nullopt) << text;
  }
}

xml::Element query(const std::string& inner) {
  return std::get<xml::Element>(xml::parse_document(
      "<query xmlns='urn:q'><set xmlns='http://jabber.org/protocol/rsm'>" + inner + "</set></query>"));
}

TEST(Paging, request) {
  const auto request = read_page_request(query("<max>10</max><after>id&lt;</after>"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->max, 10u);
  EXPECT_EQ(request->after, "id<");
  EXPECT_FALSE(request->backwards());
  EXPECT_EQ(request->to_element().serialize(),
            "<set xmlns='http://jabber.org/protocol/rsm'><max>10</max><after>id&lt;</after></set>");
  const auto last_page = read_page_request(query("<max>0</max><before/>"));
  EXPECT_TRUE(last_page->backwards());
  EXPECT_EQ(last_page->before, "");
  EXPECT_EQ(last_page->max, 0u);
  EXPECT_FALSE(read_page_request(xml::Element("query", "urn:q"))->max);
}

TEST(Paging, malformed) {
  for (const auto* inner : {"<max/>", "<max>-1</max>", "<max>x</max>", "<max>1x</max>", "<max>4294967296</max>",
                            "<max> 1</max>", "<index>x</index>"}) {
    EXPECT_FALSE(read_page_request(query(inner))) << inner;
  }
}

TEST(Paging, answer) {
  EXPECT_EQ(
      (PageAnswer{.first = "a", .last = "b", .first_index = 0, .count = 8}.to_element().serialize()),
      "<set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a</first><last>b</last><count>8</count></set>");
  EXPECT_EQ((PageAnswer{.count = 0}.to_element().serialize()),
            "<set xmlns='http://jabber.org/protocol/rsm'><count>0</count></set>");
}

TEST(DataForm, there_and_back) {
  auto form = DataForm::of("form", "urn:type");
  form.title = "Title";
  form.instructions = "Fill in";
  form.fields.push_back({.var = "color",
                         .type = "list-single",
                         .values = {"red"},
                         .label = "Colour",
                         .required = true,
                         .options = {{"Red", "red"}, {"", "blue"}}});
  form.add("on", "true", "boolean");
  const auto element = form.to_element();
  EXPECT_EQ(element.serialize(),
            "<x xmlns='jabber:x:data' type='form'><title>Title</title><instructions>Fill in</instructions>"
            "<field var='FORM_TYPE' type='hidden'><value>urn:type</value></field>"
            "<field var='color' type='list-single' label='Colour'><required/><value>red</value>"
            "<option label='Red'><value>red</value></option><option><value>blue</value></option></field>"
            "<field var='on' type='boolean'><value>true</value></field></x>");
  const auto read = DataForm::find_in(xml::Element("query", "urn:q").add(element));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->to_element(), element);
  EXPECT_EQ(read->form_type(), "urn:type");
  EXPECT_EQ(read->value("color"), "red");
  EXPECT_EQ(read->value("none"), std::nullopt);
  EXPECT_EQ(read->boolean("on"), true);
  EXPECT_EQ(read->boolean("color"), std::nullopt);
}

TEST(DataForm, not_a_form) {
  EXPECT_FALSE(DataForm::read(xml::Element("x", "urn:x").set("type", "form")));
  EXPECT_FALSE(DataForm::read(xml::Element("x", ns::kDataForms)));
  EXPECT_FALSE(DataForm::read(xml::Element("x", ns::kDataForms).set("type", "odd")));
  EXPECT_FALSE(DataForm::find_in(xml::Element("query", "urn:q")));
}

}  // namespace
}  // namespace iris::xmpp
