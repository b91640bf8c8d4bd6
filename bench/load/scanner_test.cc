#include "load/scanner.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace iris::load {
namespace {

const std::string kStream =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
    "</stream:features>"
    " \n<r xmlns='urn:xmpp:sm:3'/>"
    "<message id='a>b' to=\"x'/>y\"><body>1 &lt; 2</body><x/></message>"
    "<message><body><![CDATA[</message><message>]]></body><!-- </message> --></message>"
    "<presence></presence>"
    "</stream:stream>";

std::vector<std::string> cut(Scanner& scanner, const std::vector<std::string>& parts) {
  std::vector<std::string> pieces;
  for (const std::string& part : parts) {
    EXPECT_TRUE(scanner.feed(part, [&](Scanner::Piece kind, std::string_view text) {
      const char* mark = kind == Scanner::Piece::open ? "open " : kind == Scanner::Piece::close ? "close " : "";
      pieces.push_back(mark + std::string(text));
    }));
  }
  return pieces;
}

const std::vector<std::string> kPieces = {
    "open <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
    "</stream:features>",
    "<r xmlns='urn:xmpp:sm:3'/>",
    "<message id='a>b' to=\"x'/>y\"><body>1 &lt; 2</body><x/></message>",
    "<message><body><![CDATA[</message><message>]]></body><!-- </message> --></message>",
    "<presence></presence>",
    "close </stream:stream>",
};

TEST(Scanner, CutsAStreamInOneRead) {
  Scanner scanner;
  EXPECT_EQ(cut(scanner, {kStream}), kPieces);
  EXPECT_EQ(scanner.pending_bytes(), 0U);
}

TEST(Scanner, CutsTheSameWhereverAReadEnds) {
  for (std::size_t at = 0; at <= kStream.size(); ++at) {
    Scanner scanner;
    EXPECT_EQ(cut(scanner, {kStream.substr(0, at), kStream.substr(at)}), kPieces) << "split at " << at;
  }
}

TEST(Scanner, CutsTheSameInReadsOfAnySize) {
  for (std::size_t size = 1; size < 40; ++size) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < kStream.size(); at += size) parts.push_back(kStream.substr(at, size));
    Scanner scanner;
    EXPECT_EQ(cut(scanner, parts), kPieces) << "reads of " << size;
  }
}

TEST(Scanner, KeepsOnlyWhatIsNotWhole) {
  Scanner scanner;
  cut(scanner, {"<s><message/><message><body>he"});
  EXPECT_EQ(scanner.pending_bytes(), std::string("<message><body>he").size());
  EXPECT_EQ(cut(scanner, {"llo</body></message>"}), std::vector<std::string>{"<message><body>hello</body></message>"});
  EXPECT_EQ(scanner.pending_bytes(), 0U);
}

TEST(Scanner, ARestartedStreamBeginsWithItsHeader) {
  Scanner scanner;
  std::vector<std::string> pieces;
  const std::string bytes = "<s><success/><?xml version='1.0'?><s><a/>";
  EXPECT_TRUE(scanner.feed(bytes, [&](Scanner::Piece kind, std::string_view text) {
    pieces.emplace_back(text);
    if (text == "<success/>") scanner.restart();
    if (kind == Scanner::Piece::open) pieces.emplace_back("opened");
  }));
  EXPECT_EQ(pieces, (std::vector<std::string>{"<s>", "opened", "<success/>", "<s>", "opened", "<a/>"}));
}

TEST(Scanner, MessagesOfAWebSocketHaveNoRoot) {
  Scanner scanner(0);
  EXPECT_EQ(cut(scanner, {"<open to='x'/>", "<message><body/></mess", "age><close/>"}),
            (std::vector<std::string>{"<open to='x'/>", "<message><body/></message>", "<close/>"}));
}

TEST(Scanner, MoreEndsThanBeginningsAreNoXml) {
  Scanner scanner;
  EXPECT_FALSE(scanner.feed("<s></s></s></s>", [](Scanner::Piece, std::string_view) {}));
}

TEST(Tags, NamesAttributesAndTexts) {
  const std::string_view stanza =
      "<message from=\"a@b/c\" xml:id='no' id = 'it&apos;s' x='id=1'><body lang='id'>hello</body><delay/></message>";
  EXPECT_EQ(element_name(stanza), "message");
  EXPECT_EQ(element_name("<r/>"), "r");
  EXPECT_EQ(attribute(stanza, "id"), "it&apos;s");
  EXPECT_EQ(attribute(stanza, "from"), "a@b/c");
  EXPECT_EQ(attribute(stanza, "x"), "id=1");
  EXPECT_EQ(attribute(stanza, "lang"), "");
  EXPECT_EQ(attribute("<r/>", "h"), "");
  EXPECT_EQ(child_text(stanza, "body"), "hello");
  EXPECT_EQ(child_text(stanza, "delay"), "");
  EXPECT_EQ(child_text(stanza, "bod"), "");
  EXPECT_TRUE(has_tag(stanza, "delay"));
  EXPECT_FALSE(has_tag(stanza, "del"));
}

}  // namespace
}  // namespace iris::load
