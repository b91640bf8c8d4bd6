#include "edge/resume_token.h"

#include <gtest/gtest.h>

namespace iris::edge {
namespace {

TEST(ResumeToken, ComesBackAsItWas) {
  const ResumeToken token{{0xfedcba9876543210, 3, 77}, 5};
  EXPECT_EQ(decode_resume_token(encode(token, "secret"), "secret"), token);
}

TEST(ResumeToken, IsNotMadeUp) {
  std::string text = encode({{1, 2, 3}, 4}, "secret");
  EXPECT_FALSE(decode_resume_token(text, "another secret"));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_FALSE(decode_resume_token(changed, "secret")) << i;
  }
  EXPECT_FALSE(decode_resume_token("", "secret"));
  EXPECT_FALSE(decode_resume_token(text + "00", "secret"));
}

}  // namespace
}  // namespace iris::edge
