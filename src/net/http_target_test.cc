#include "net/http_target.h"

#include <gtest/gtest.h>

namespace iris::net {
namespace {

TEST(IsHost, NamesAndAddressesWithOrWithoutPorts) {
  for (const char* good :
       {"", "h", "chat.example", "chat.example:5280", "10.0.0.1:", "[::1]", "[2001:db8::1]:443", "a_b"})
    EXPECT_TRUE(is_host(good)) << good;
  for (const char* bad : {"a\"b", "a@b", "a'/><x", "\xc3\xa4", ":::[[]]", "[]", "[::1", "[::1]x", "h:port", "h:123456",
                          "a b", "h/", ":80"})
    EXPECT_FALSE(is_host(bad)) << bad;
}

TEST(DecodeTarget, PathsAndQueries) {
  std::string path, query;
  EXPECT_TRUE(decode_target("/", path, query));
  EXPECT_EQ(path, "/");
  EXPECT_TRUE(decode_target("/a/b.c?", path, query));
  EXPECT_EQ(path, "/a/b.c");
  EXPECT_TRUE(decode_target("/.../..a/b..", path, query)) << "dots as a part of a name are fine";
  EXPECT_TRUE(decode_target("/%C3%A4?%41", path, query));
  EXPECT_EQ(path, "/\xc3\xa4");
  EXPECT_EQ(query, "%41");
  for (const char* bad : {"", "a", "*", "http://h/", "/%", "/%1", "/%g1", "/.", "/..", "/a/.", "/a/../b", "/./"}) {
    EXPECT_FALSE(decode_target(bad, path, query)) << bad;
  }
}

}  // namespace
}  // namespace iris::net
