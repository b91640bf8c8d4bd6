#include "xml/push_parser.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace iris::xml {
namespace {

constexpr std::string_view kHeader =
    "<?xml version='1.0'?><stream:stream to='iris.example' version='1.0' xml:lang='en' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";

// Writes down what it is told, one word per event.
struct Journal final : StreamHandler {
  void on_stream_open(Element header, std::string_view default_ns) override {
    events += "open ";
    opened = std::move(header);
    stream_ns = default_ns;
    if (then) then();
  }
  void on_stanza(Element&& stanza, std::size_t bytes) override {
    events += stanza.serialize(stream_ns) + " ";
    stanza_bytes = bytes;
    ++stanzas;
    if (then) then();
  }
  void on_stream_close() override {
    events += "close ";
    if (then) then();
  }
  void on_whitespace() override { events += "space "; }

  std::string events;
  Element opened;
  std::string stream_ns;
  std::size_t stanza_bytes = 0;
  int stanzas = 0;
  std::function<void()> then;
};

struct PushParserTest : testing::Test {
  std::optional<Fault> feed(std::string_view bytes) {
    const auto error = parser.feed(bytes);
    return error ? std::optional(error->fault) : std::nullopt;
  }
  void open() {
    ASSERT_EQ(feed(kHeader), std::nullopt);
    journal.events.clear();
  }
  Journal journal;
  PushParser parser{journal, ParserLimits{}};
};

TEST_F(PushParserTest, opens_a_stream) {
  EXPECT_FALSE(parser.is_open());
  EXPECT_EQ(feed(kHeader), std::nullopt);
  EXPECT_TRUE(parser.is_open());
  EXPECT_TRUE(journal.opened.is("stream", kStreamNamespace));
  EXPECT_EQ(journal.opened.attribute("to"), "iris.example");
  EXPECT_EQ(journal.opened.attribute("lang", kXmlNamespace), "en");
  EXPECT_EQ(journal.stream_ns, "jabber:client");
}

TEST_F(PushParserTest, hands_on_stanzas_with_their_size_on_the_wire) {
  open();
  constexpr std::string_view kMessage = "<message><body>a &lt; b&#x21; <![CDATA[<c>]]></body></message>";
  EXPECT_EQ(feed(kMessage), std::nullopt);
  EXPECT_EQ(journal.events, "<message><body>a &lt; b! &lt;c&gt;</body></message> ");
  EXPECT_EQ(journal.stanza_bytes, kMessage.size());
  EXPECT_EQ(feed("<presence/>"), std::nullopt);
  EXPECT_EQ(journal.stanza_bytes, 11u);
}

TEST_F(PushParserTest, does_not_care_how_bytes_are_cut) {
  const std::string all =
      std::string(kHeader) + "<iq id='1'><q xmlns='urn:x' a=\"&amp;\">\xC3\xA4</q></iq> \n<a/></stream:stream>";
  ASSERT_EQ(feed(all), std::nullopt);
  const std::string expected = std::exchange(journal.events, "");
  EXPECT_EQ(expected, "open <iq id='1'><q xmlns='urn:x' a='&amp;'>\xC3\xA4</q></iq> space <a/> close ");
  parser.reset();
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(feed(std::string_view(all).substr(i, 1)), std::nullopt) << i;
  // One space event for each feed.
  EXPECT_EQ(journal.events, "open <iq id='1'><q xmlns='urn:x' a='&amp;'>\xC3\xA4</q></iq> space space <a/> close ");
}

TEST_F(PushParserTest, a_stanza_is_handed_on_with_its_last_byte) {
  open();
  const std::string big = "<a b='" + std::string(3000, 'x') + "'>" + std::string(3000, 'y') + "</a>";
  ASSERT_EQ(feed(std::string_view(big).substr(0, big.size() - 1)), std::nullopt);
  EXPECT_EQ(journal.events, "");
  ASSERT_EQ(feed(">"), std::nullopt);
  EXPECT_NE(journal.events, "");
}

TEST_F(PushParserTest, ignores_what_follows_the_end_of_the_stream) {
  open();
  EXPECT_EQ(feed("</stream:stream><junk"), std::nullopt);
  EXPECT_EQ(feed("more < junk"), std::nullopt);
  EXPECT_EQ(journal.events, "close ");
  EXPECT_FALSE(parser.is_open());
}

// RFC 6120 §11.1, §4.9.3
TEST(PushParserFaults, each_kind_of_bad_xml_has_its_condition) {
  const std::pair<std::string_view, Fault> cases[] = {
      {"<a><!-- c --></a>", Fault::restricted_xml},
      {"<!-- c -->", Fault::restricted_xml},
      {"<?php x?>", Fault::restricted_xml},
      {"<a>&nbsp;</a>", Fault::restricted_xml},
      {"<a b='&e;'/>", Fault::restricted_xml},
      {"<a></b>", Fault::not_well_formed},
      {"<a b=1/>", Fault::not_well_formed},
      {"<a b='1' b='2'/>", Fault::not_well_formed},
      {"<a b='<'/>", Fault::not_well_formed},
      {"<a>&#0;</a>", Fault::not_well_formed},
      {"<a>\x01</a>", Fault::not_well_formed},
      {"<a>]]></a>", Fault::not_well_formed},
      {"<a>\xC3(</a>", Fault::not_well_formed},             // broken UTF-8
      {"<a>\xC0\xAF</a>", Fault::not_well_formed},          // overlong
      {"<a>\xED\xA0\x80</a>", Fault::not_well_formed},      // a surrogate
      {"<a>\xF4\x90\x80\x80</a>", Fault::not_well_formed},  // over U+10FFFF
      {"</a>", Fault::not_well_formed},
      {"<x:a/>", Fault::bad_namespace_prefix},
      {"<a x:b='1'/>", Fault::bad_namespace_prefix},
      {"<a xmlns:xml='urn:x'/>", Fault::bad_namespace_prefix},
      {"<a xmlns:xmlns='urn:x'/>", Fault::bad_namespace_prefix},
      {"<a xmlns:x=''/>", Fault::bad_namespace_prefix},
      {"text", Fault::bad_format},
      {"<![CDATA[x]]>", Fault::bad_format},
  };
  for (const auto& [xml, fault] : cases) {
    Journal journal;
    PushParser parser(journal, {});
    ASSERT_FALSE(parser.feed(kHeader));
    const auto error = parser.feed(xml);
    ASSERT_TRUE(error) << xml;
    EXPECT_EQ(to_string(error->fault), to_string(fault)) << xml << ": " << error->text;
    EXPECT_EQ(journal.events, "open ") << xml;
    EXPECT_EQ(parser.feed("<a/>")->fault, fault) << "an error stays";
  }
}

TEST(PushParserFaults, in_front_of_the_stream) {
  const std::pair<std::string_view, Fault> cases[] = {
      {"<!DOCTYPE s [<!ENTITY a 'b'>]><s>&a;</s>", Fault::restricted_xml},
      {"<!DOCTYPE s SYSTEM 'file:///etc/passwd'><s/>", Fault::restricted_xml},
      {"<?xml version='1.0' encoding='ISO-8859-1'?><s>", Fault::unsupported_encoding},
      {"<?xml version='1.0' encoding='UTF-16'?><s>", Fault::unsupported_encoding},
      {std::string_view("\xFE\xFF\0<", 4), Fault::unsupported_encoding},
      {"\xFF", Fault::unsupported_encoding},
      {"GET / HTTP/1.1\r\n", Fault::not_well_formed},
      {"\x16\x03\x01", Fault::not_well_formed},  // TLS to a plain port
  };
  for (const auto& [xml, fault] : cases) {
    Journal journal;
    PushParser parser(journal, {});
    const auto error = parser.feed(xml);
    ASSERT_TRUE(error) << xml;
    EXPECT_EQ(to_string(error->fault), to_string(fault)) << xml << ": " << error->text;
    EXPECT_EQ(journal.events, "");
  }
  Journal journal;
  EXPECT_FALSE(PushParser(journal, {}).feed("\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><s>"));
}

struct Limit {
  const char* name;
  ParserLimits limits;
  std::string just_fits;
  std::string too_much;
};

std::string nested(int depth) {
  std::string xml;
  for (int i = 0; i < depth; ++i) xml += "<a>";
  for (int i = 0; i < depth; ++i) xml += "</a>";
  return xml;
}

TEST(PushParserLimits, are_kept_whether_bytes_come_at_once_or_singly) {
  const std::string x9(9, 'x'), x10(10, 'x');
  const Limit limits[] = {
      {"stanza",
       {.stanza_bytes_max = 20},
       "<a>" + std::string(13, 'x') + "</a>",
       "<a>" + std::string(14, 'x') + "</a>"},
      {"depth", {.depth_max = 5}, nested(5), nested(6)},
      {"tag",
       {.tag_bytes_max = 300},
       "<a b='" + std::string(291, 'x') + "'/>",
       "<a b='" + std::string(292, 'x') + "'/>"},
      {"end tag",
       {.tag_bytes_max = 300},
       "<a></a" + std::string(296, ' ') + ">",
       "<a></a" + std::string(298, ' ') + ">"},
      {"attributes", {.attributes_max = 4}, "<a b='' c='' d='' e=''/>", "<a b='' c='' d='' e='' f=''/>"},
      {"children", {.children_max = 3}, "<a><b/><b/></a>", "<a><b/>x<b/></a>"},
      {"name", {.name_bytes_max = 9}, "<" + x9 + "/>", "<" + x10 + "/>"},
      {"attribute name", {.name_bytes_max = 9}, "<a " + x9 + "=''/>", "<a " + x10 + "=''/>"},
      {"namespace",
       {.namespace_bytes_max = 40},
       "<a xmlns='" + std::string(40, 'x') + "'/>",
       "<a xmlns='" + std::string(41, 'x') + "'/>"},
      {"tree",
       {.tree_bytes_max = 13 + 1 + 10 + 33 + 34 + 8},  // jabber:client a, p:a, b, text
       "<a xmlns:p='1234567890' p:a='' b='x'>12345678</a>",
       "<a xmlns:p='1234567890' p:a='' b='x'>123456789</a>"},
  };
  for (const Limit& limit : limits) {
    for (const bool singly : {false, true}) {
      const auto run = [&](const std::string& xml) -> std::optional<ParseError> {
        Journal journal;
        PushParser parser(journal, limit.limits);
        EXPECT_FALSE(parser.feed(kHeader)) << limit.name;
        if (!singly) return parser.feed(xml);
        for (std::size_t i = 0; i < xml.size(); ++i) {
          if (auto error = parser.feed(std::string_view(xml).substr(i, 1))) return error;
        }
        return std::nullopt;
      };
      EXPECT_FALSE(run(limit.just_fits)) << limit.name << singly;
      const auto error = run(limit.too_much);
      ASSERT_TRUE(error) << limit.name << singly;
      EXPECT_EQ(error->fault, Fault::policy_violation) << limit.name << singly;
    }
  }
}

TEST(PushParserLimits, an_endless_stanza_is_cut_off_early) {
  Journal journal;
  PushParser parser(journal, {.stanza_bytes_max = 10'000});
  ASSERT_FALSE(parser.feed(kHeader));
  ASSERT_FALSE(parser.feed("<message><body>"));
  const std::string text(1000, 'x');
  int fed = 0;
  while (!parser.feed(text)) ASSERT_LT(++fed, 11);
  EXPECT_GE(fed, 9);
}

TEST(PushParserLimits, an_endless_header_is_cut_off_early) {
  Journal journal;
  PushParser parser(journal, {.header_bytes_max = 1000});
  ASSERT_FALSE(parser.feed("<stream a='"));
  EXPECT_EQ(parser.feed(std::string(1000, 'x'))->fault, Fault::policy_violation);
  // Short on the wire, long when written again.
  PushParser second(journal, {.header_bytes_max = 1000});
  EXPECT_EQ(second.feed("<s xmlns:a=\"" + std::string(500, '\'') + "\">")->fault, Fault::policy_violation);
}

TEST_F(PushParserTest, reset_in_a_callback_keeps_the_rest_for_the_new_stream) {
  open();
  journal.then = [&] {
    journal.then = nullptr;
    parser.reset(Rest::keep);
  };
  EXPECT_EQ(feed("<auth/>" + std::string(kHeader) + "<iq/>"), std::nullopt);
  EXPECT_EQ(journal.events, "<auth/> open <iq/> ");
}

// RFC 6120 §5.4.3.3: bytes injected before the handshake must not be read as if they came after it.
TEST_F(PushParserTest, reset_in_a_callback_drops_the_rest_for_starttls) {
  open();
  journal.then = [&] {
    journal.then = nullptr;
    parser.reset(Rest::drop);
  };
  EXPECT_EQ(feed("<starttls/>" + std::string(kHeader) + "<injected/>"), std::nullopt);
  EXPECT_EQ(journal.events, "<starttls/> ");
  EXPECT_EQ(feed(kHeader), std::nullopt);
  EXPECT_EQ(journal.events, "<starttls/> open ");
}

TEST_F(PushParserTest, reset_when_the_stanza_began_in_an_earlier_feed) {
  open();
  ASSERT_EQ(feed("<au"), std::nullopt);
  journal.then = [&] {
    journal.then = nullptr;
    parser.reset();
  };
  EXPECT_EQ(feed("th/><s xmlns='x'><b/>"), std::nullopt);
  EXPECT_EQ(journal.events, "<auth/> open <b/> ");
}

TEST_F(PushParserTest, reset_after_an_error) {
  open();
  EXPECT_EQ(feed("<a></b>"), Fault::not_well_formed);
  parser.reset();
  EXPECT_EQ(feed(kHeader), std::nullopt);
  EXPECT_EQ(journal.events, "open ");
}

TEST_F(PushParserTest, stop_in_a_callback_ends_all_events) {
  open();
  journal.then = [&] { parser.stop(); };
  EXPECT_EQ(feed("<a/><b/>"), std::nullopt);
  EXPECT_EQ(feed("<c/>"), std::nullopt);
  EXPECT_EQ(journal.events, "<a/> ");
}

TEST_F(PushParserTest, released_between_stanzas_and_made_again_with_the_next_byte) {
  const std::string header =
      "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' xmlns:q=\"urn:'&lt;q>\">";
  ASSERT_EQ(feed(header), std::nullopt);
  ASSERT_EQ(feed("<a/>"), std::nullopt);
  EXPECT_TRUE(parser.release_if_idle());
  EXPECT_TRUE(parser.is_released());
  EXPECT_TRUE(parser.is_open());
  journal.events.clear();
  ASSERT_EQ(feed("<q:"), std::nullopt);
  EXPECT_FALSE(parser.is_released());
  EXPECT_FALSE(parser.release_if_idle()) << "in the middle of a tag";
  ASSERT_EQ(feed("b><c xmlns='urn:c'>"), std::nullopt);
  EXPECT_FALSE(parser.release_if_idle()) << "in the middle of a stanza";
  ASSERT_EQ(feed("</c></q:b>"), std::nullopt);
  EXPECT_EQ(journal.events, "<b xmlns='urn:&apos;&lt;q&gt;'><c xmlns='urn:c'/></b> ");
  EXPECT_EQ(journal.stanza_bytes, 32u);
  EXPECT_TRUE(parser.release_if_idle());
  ASSERT_EQ(feed("</s:stream>"), std::nullopt);
  EXPECT_FALSE(parser.is_open());
}

TEST_F(PushParserTest, not_released_within_a_section_of_characters) {
  open();
  ASSERT_EQ(feed("<![CDATA[ "), std::nullopt);
  EXPECT_FALSE(parser.release_if_idle());
  EXPECT_EQ(feed("<a/>"), Fault::bad_format) << "characters, not a stanza";
}

TEST_F(PushParserTest, released_before_the_stream_opens_and_after_an_error) {
  EXPECT_TRUE(parser.release_if_idle());
  ASSERT_EQ(feed("<s"), std::nullopt);
  EXPECT_FALSE(parser.release_if_idle());
  EXPECT_EQ(feed("<"), Fault::not_well_formed);
  EXPECT_TRUE(parser.release_if_idle());
  EXPECT_EQ(feed("<"), Fault::not_well_formed) << "still failed";
}

TEST_F(PushParserTest, random_cuts_and_releases_change_nothing) {
  const std::string body = "<m a='1'><b xmlns='x'>t&amp;\xE2\x82\xAC</b></m>\n<p/><iq><q xmlns='y'><r/></q></iq>";
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  open();
  ASSERT_EQ(feed(body), std::nullopt);
  const std::string expected = std::exchange(journal.events, "");
  for (int round = 0; round < 200; ++round) {
    for (std::string_view rest = body; !rest.empty();) {
      const std::size_t cut = std::min<std::size_t>(rest.size(), 1 + random() % 20);
      ASSERT_EQ(feed(rest.substr(0, cut)), std::nullopt);
      rest.remove_prefix(cut);
      if (random() % 2 == 0) static_cast<void>(parser.release_if_idle());
    }
    ASSERT_EQ(std::exchange(journal.events, ""), expected);
  }
}

}  // namespace
}  // namespace iris::xml
