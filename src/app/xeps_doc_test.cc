#include "app/xeps_doc.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace iris::app {
namespace {

std::string file(const std::string& path) {
  std::ifstream in(std::string(IRIS_SOURCE_DIR "/") + path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(XepsDoc, IsCurrent) {
  EXPECT_TRUE(file("docs/xeps.md") == xeps_doc()) << "run: ./dev docs";
  EXPECT_TRUE(file("doap.xml") == doap_xml()) << "run: ./dev docs";
}

TEST(StanzaTableDoc, IsCurrent) {
  EXPECT_TRUE(file("docs/stanza-table.md") == stanza_table_doc()) << "run: ./dev docs";
}

}  // namespace
}  // namespace iris::app
