#include "xml/reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace iris::xml {
namespace {

// What a document says, on one line: <prefix|namespace|name attribute=value>, text, /.
struct Journal final : ReaderEvents {
  void on_namespace(std::string_view prefix, std::string_view uri) override {
    said.append("[").append(prefix).append("=").append(uri).append("]");
  }
  void on_start(const QualifiedName& name, std::vector<Attribute> attributes) override {
    said.append("<").append(name.prefix).append("|").append(name.ns).append("|").append(name.local);
    for (const Attribute& one : attributes) said += " " + one.ns + "|" + one.name + "=" + one.value;
    said += ">";
  }
  void on_text(std::string_view text) override { said += text; }
  void on_end() override { said += "/"; }
  std::string said;
};

struct Outcome {
  std::string said;
  std::optional<Fault> fault;
};

Outcome read(std::string_view bytes, std::size_t piece, const ParserLimits& limits = {}) {
  Journal journal;
  Reader reader(journal, limits);
  std::optional<ParseError> error;
  do {
    const auto part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    error = reader.parse(part, bytes.empty());
  } while (!bytes.empty() && !error);
  return {journal.said, error ? std::optional(error->fault) : std::nullopt};
}

TEST(Reader, SaysWhatIsThereHoweverItIsCut) {
  const std::pair<std::string, std::string> cases[] = {
      {"<a/>", "<||a>/"},
      {" \r\n<a\t>\n</a >\n", "<||a>\n/"},
      {"<?xml version='1.0' encoding=\"UTF-8\" standalone = 'yes' ?><a/>", "<||a>/"},
      {"\xEF\xBB\xBF<a/>", "<||a>/"},
      {"<a b='1' c = \"2\"/>", "<||a |b=1 |c=2>/"},
      {"<a b='x&#9;y&#xA;&lt;&quot;\"'/>", "<||a |b=x\ty\n<\"\">/"},
      {"<a b='1\r\n2\t3\r4\n5'/>", "<||a |b=1 2 3 4 5>/"},
      {"<a>&lt;&amp;&gt;&apos;&quot;&#65;&#x42;&#x1F600;</a>", "<||a><&>'\"AB\xF0\x9F\x98\x80/"},
      {"<a>1\r\n2\r3\n4\r\r</a>", "<||a>1\n2\n3\n4\n\n/"},
      {"<a>]] ] ]>]&gt;</a>", "<||a>]] ] ]>]>/"},
      {"<a><![CDATA[<b>&amp;]]]]></a>", "<||a><b>&amp;]]/"},
      {"<a><![CDATA[]]><![CDATA[\r\n]]></a>", "<||a>\n/"},
      {"<a>\xC2\x80\xE2\x82\xAC\xEF\xBF\xBD\xF4\x8F\xBF\xBD</a>",
       "<||a>\xC2\x80\xE2\x82\xAC\xEF\xBF\xBD\xF4\x8F\xBF\xBD/"},
      {"<\xC3\xA4-1.\xC2\xB7 _='\xE2\x82\xAC'/>", "<||\xC3\xA4-1.\xC2\xB7 |_=\xE2\x82\xAC>/"},
      {"<a xmlns='u'><b/><c xmlns=''><d/></c></a>",
       "[=u]<|u|a><|u|b>/[=]<||c><||d>//"
       "/"},
      {"<p:a xmlns:p='u' b='1' p:b='2'/>", "[p=u]<p|u|a |b=1 u|b=2>/"},
      {"<a p:b='1' xmlns:p='u'><p:a xmlns:p='v'/><p:a/></a>", "[p=u]<||a u|b=1>[p=v]<p|v|a>/<p|u|a>//"},
      {"<a xml:lang='en' xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
       "[xml=http://www.w3.org/XML/1998/namespace]<||a http://www.w3.org/XML/1998/namespace|lang=en>/"},
      {"<a xmlns='&#117;&amp;'/>", "[=u&]<|u&|a>/"},
  };
  for (const auto& [xml, said] : cases)
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{5}, xml.size()}) {
      const Outcome outcome = read(xml, piece);
      EXPECT_EQ(outcome.fault, std::nullopt) << xml;
      EXPECT_EQ(outcome.said, said) << xml << " in pieces of " << piece;
    }
}

TEST(Reader, RefusesWhatIsNoXmlOrNotAllowed) {
  const std::pair<std::string, Fault> cases[] = {
      {"", Fault::not_well_formed},
      {"<a", Fault::not_well_formed},
      {"<a>", Fault::not_well_formed},
      {"<a></a", Fault::not_well_formed},
      {"<a></ab>", Fault::not_well_formed},
      {"<ab></a>", Fault::not_well_formed},
      {"<a></ a>", Fault::not_well_formed},
      {"< a/>", Fault::not_well_formed},
      {"<a/ >", Fault::not_well_formed},
      {"<a b/>", Fault::not_well_formed},
      {"<a b='1'c='2'/>", Fault::not_well_formed},
      {"<a b='\x01'/>", Fault::not_well_formed},
      {"<a b='\xC3'/>", Fault::not_well_formed},
      {"<1/>", Fault::not_well_formed},
      {"<-a/>", Fault::not_well_formed},
      {"<:a/>", Fault::not_well_formed},
      {"<a:/>", Fault::not_well_formed},
      {"<a:1/>", Fault::not_well_formed},
      {"<a:b:c xmlns:a='u'/>", Fault::not_well_formed},
      {"<\xC2\xB7/>", Fault::not_well_formed},
      {"<a>&</a>", Fault::not_well_formed},
      {"<a>& lt;</a>", Fault::not_well_formed},
      {"<a>&#;</a>", Fault::not_well_formed},
      {"<a>&#x;</a>", Fault::not_well_formed},
      {"<a>&#xD800;</a>", Fault::not_well_formed},
      {"<a>&#x110000;</a>", Fault::not_well_formed},
      {"<a>&#99999999999999999999;</a>", Fault::not_well_formed},
      {"<a>&#1a;</a>", Fault::not_well_formed},
      {"<a>\xEF\xBF\xBF</a>", Fault::not_well_formed},
      {"<a><![cdata[]]></a>", Fault::not_well_formed},
      {"<![CDATA[x]]><a/>", Fault::not_well_formed},
      {"<a/><![CDATA[x]]>", Fault::not_well_formed},
      {"<a><![CDATA[x]]></a", Fault::not_well_formed},
      {"<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>", Fault::not_well_formed},
      {"<a xmlns='u' xmlns='v'/>", Fault::not_well_formed},
      {"<?xml encoding='UTF-8'?><a/>", Fault::not_well_formed},
      {"<?xml version='1.0' version='1.0'?><a/>", Fault::not_well_formed},
      {"<?xml version='1.0' standalone='maybe'?><a/>", Fault::not_well_formed},
      {" <?xml version='1.0'?><a/>", Fault::restricted_xml},
      {"<a>&b;</a>", Fault::restricted_xml},
      {"<a b='&b;'/>", Fault::restricted_xml},
      {"<a><?b?></a>", Fault::restricted_xml},
      {"<a/><!---->", Fault::restricted_xml},
      {"<a><p:b xmlns:p='u'/><p:b/></a>", Fault::bad_namespace_prefix},
      {"<xmlns:a/>", Fault::bad_namespace_prefix},
      {"<a xmlns='http://www.w3.org/XML/1998/namespace'/>", Fault::bad_namespace_prefix},
      {"<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", Fault::bad_namespace_prefix},
  };
  for (const auto& [xml, fault] : cases)
    for (const std::size_t piece : {std::size_t{1}, std::max<std::size_t>(1, xml.size())})
      EXPECT_EQ(read(xml, piece).fault, fault) << xml << " in pieces of " << piece;
}

TEST(Reader, NamespacesInScopeAreLimited) {
  const ParserLimits limits{.attributes_max = 3};
  EXPECT_EQ(read("<a xmlns='1' xmlns:b='2'><c xmlns:d='3'/><c xmlns:d='3'/></a>", 100, limits).fault, std::nullopt);
  EXPECT_EQ(read("<a xmlns='1' xmlns:b='2'><c xmlns:d='3'><c xmlns:d='3'/></c></a>", 100, limits).fault,
            Fault::policy_violation);
}

TEST(Reader, KnowsWhereItsEventsAre) {
  struct Positions final : ReaderEvents {
    void on_namespace(std::string_view, std::string_view) override {}
    void on_start(const QualifiedName&, std::vector<Attribute>) override { note(); }
    void on_text(std::string_view) override { note(); }
    void on_end() override { note(); }
    void note() { at.emplace_back(reader->event_begin(), reader->event_end()); }
    Reader* reader = nullptr;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> at;
  };
  const ParserLimits limits;
  for (const std::size_t piece : {1, 100}) {
    Positions events;
    Reader reader(events, limits);
    events.reader = &reader;
    const std::string_view xml = "<a b='1'><c/>&lt;</a>";
    for (std::size_t i = 0; i < xml.size(); i += piece)
      ASSERT_FALSE(reader.parse(xml.substr(i, piece), i + piece >= xml.size()));
    EXPECT_EQ(events.at,
              (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 9}, {9, 13}, {9, 13}, {13, 17}, {17, 21}}));
    EXPECT_EQ(reader.bytes_parsed(), xml.size());
  }
}

}  // namespace
}  // namespace iris::xml
