#include "module/registry.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iris::module {
namespace {

std::set<std::string> names() {
  std::set<std::string> out;
  for (const auto& module : make_modules()) out.emplace(module->name());
  return out;
}

TEST(Registry, EachModuleIsThereOnceAndAccountIsFirst) {
  EXPECT_EQ(names().size(), make_modules().size());
  EXPECT_EQ(make_modules().front()->name(), "account");
  EXPECT_EQ(make_modules().back()->name(), "disco");
}

TEST(Registry, RowsNameModulesThatExist) {
  for (const auto& row : implemented()) {
    SCOPED_TRACE(std::string(row.text));
    EXPECT_TRUE(names().contains(std::string(row.by)));
    EXPECT_TRUE(row.text.starts_with("XEP-") ? !row.version.empty() : row.text.starts_with("RFC "));
    EXPECT_TRUE(row.status == "complete" || row.status == "partial");
  }
}

TEST(Registry, TheDomainSpeaksOfOfflineMessages) { EXPECT_THAT(domain_features(), testing::Contains("msgoffline")); }

TEST(Registry, WhoLooksForTheArchiveOnTheDomainFindsItThere) {
  EXPECT_THAT(domain_features(),
              testing::IsSupersetOf({"urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "http://jabber.org/protocol/rsm"}));
}

}  // namespace
}  // namespace iris::module
