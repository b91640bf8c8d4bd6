#include "xml/writer.h"

#include <gtest/gtest.h>

namespace iris::xml {
namespace {

std::string text(std::string_view in) {
  std::string out;
  escape_text(out, in);
  return out;
}
std::string attribute(std::string_view in) {
  std::string out;
  escape_attribute(out, in);
  return out;
}

TEST(Writer, escapes_markup_in_text_and_leaves_quotes) {
  EXPECT_EQ(text("a<b>&'\"\n\t"), "a&lt;b&gt;&amp;'\"\n\t");
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("plain"), "plain");
}

TEST(Writer, escapes_quotes_and_line_breaks_in_attributes) {
  EXPECT_EQ(attribute("<'\"&>\n\t\r"), "&lt;&apos;&quot;&amp;&gt;&#10;&#9;&#13;");
}

TEST(Writer, keeps_a_carriage_return_alive) { EXPECT_EQ(text("a\r\n"), "a&#13;\n"); }

TEST(Writer, replaces_what_xml_cannot_carry) {
  EXPECT_EQ(text(std::string_view("a\0b\x1f", 4)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(text("\xEF\xBF\xBE|\xEF\xBF\xBF|\xEF\xBB\xBF|\xEF"),
            "\xEF\xBF\xBD|\xEF\xBF\xBD|\xEF\xBB\xBF|\xEF");  // U+FFFE, U+FFFF; U+FEFF stays
}

TEST(Writer, appends) {
  std::string out = "<a";
  append_attribute(out, "b", "c'd");
  EXPECT_EQ(out, "<a b='c&apos;d'");
}

}  // namespace
}  // namespace iris::xml
