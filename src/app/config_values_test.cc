#include "app/config_values.h"

#include <gtest/gtest.h>

#include "app/suggest.h"

namespace iris::app {
namespace {

using namespace std::chrono_literals;

TEST(ConfigValues, DurationsAreAWholeNumberAndAUnit) {
  EXPECT_EQ(parse_duration("250ms"), base::Duration(250ms));
  EXPECT_EQ(parse_duration("90s"), base::Duration(90s));
  EXPECT_EQ(parse_duration("7d"), base::Duration(168h));
  EXPECT_EQ(parse_duration("0s"), base::Duration(0s));
  for (const char* wrong : {"", "5", "s", "5 s", "-5s", "1.5h", "5S", "99999999999999999999s", "9999999999999d"})
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
}

TEST(ConfigValues, SizesAreAWholeNumberAndAUnit) {
  EXPECT_EQ(parse_size("64KiB"), 65536u);
  EXPECT_EQ(parse_size("10000B"), 10000u);
  for (const char* wrong : {"", "64", "64KB", "64 KiB", "-1B"}) EXPECT_EQ(parse_size(wrong), std::nullopt) << wrong;
}

TEST(ConfigValues, WhatIsFormattedIsParsedBack) {
  for (base::Duration value :
       {base::Duration(0us), base::Duration(1us), base::Duration(1500ms), base::Duration(90s), base::Duration(48h)})
    EXPECT_EQ(parse_duration(format_duration(value)), value);
  for (std::uint64_t value : {1ull, 1000ull, 65536ull, 3ull << 30}) EXPECT_EQ(parse_size(format_size(value)), value);
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_size(1 << 20), "1MiB");
}

TEST(ConfigValues, AUriHasASchemeAndSomethingBehindIt) {
  for (const char* good : {"mailto:abuse@example.org", "xmpp:admin@example.org", "https://example.org/help?a=b#c"})
    EXPECT_TRUE(is_uri(good)) << good;
  for (const char* wrong : {"", "abuse@example.org", ":x", "mailto:", "1a:x", "ma ilto:x", "http://a b", "http://<x>"})
    EXPECT_FALSE(is_uri(wrong)) << wrong;
}

TEST(ConfigValues, AHostAndItsPort) {
  for (const char* good : {"chat.example:5222", "localhost:1", "192.0.2.1:65535", "[2001:db8::1]:5222"})
    EXPECT_TRUE(is_host_and_port(good)) << good;
  for (const char* wrong : {"", "foo", "foo:", ":5222", "foo:0", "foo:65536", "foo:+1", "foo:5222 ", "a b:5222",
                            "::1:5222", "[::1]", "[::1]:0", "[foo]:5222", "1.2.3:5222", "127.0.0.1:0", "a@b:5222"})
    EXPECT_FALSE(is_host_and_port(wrong)) << wrong;
}

TEST(Suggest, FindsTheWordThatWasMeant) {
  const std::vector<std::string> known{"domain", "data", "loops", "resume_timeout"};
  EXPECT_EQ(nearest("domian", known), "domain");
  EXPECT_EQ(nearest("loop", known), "loops");
  EXPECT_EQ(nearest("resume-timeout", known), "resume_timeout");
  EXPECT_EQ(nearest("colour", known), "");
  EXPECT_EQ(typing_distance("ab", "ba"), 1u);
}

}  // namespace
}  // namespace iris::app
