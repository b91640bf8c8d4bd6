#include "xmpp/jid.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <unordered_set>

namespace iris::xmpp {
namespace {

TEST(Jid, parts) {
  const auto jid = Jid::parse("Juliet@Example.COM/Balcony");
  ASSERT_TRUE(jid);
  EXPECT_EQ(jid->local(), "juliet");
  EXPECT_EQ(jid->domain(), "example.com");
  EXPECT_EQ(jid->resource(), "Balcony");
  EXPECT_EQ(jid->to_string(), "juliet@example.com/Balcony");
  EXPECT_EQ(jid->bare_view(), "juliet@example.com");
  EXPECT_TRUE(jid->is_full());
  EXPECT_FALSE(jid->is_bare());
  EXPECT_EQ(jid->bare(), *Jid::parse("juliet@example.com"));
  EXPECT_TRUE(jid->bare().is_bare());
  EXPECT_TRUE(jid->same_bare(jid->bare()));
  EXPECT_EQ(jid->domain_jid().to_string(), "example.com");
  EXPECT_TRUE(jid->domain_jid().is_domain());
  EXPECT_FALSE(jid->is_domain());
}

TEST(Jid, domain_with_resource_and_no_local) {
  const auto jid = Jid::parse("example.com/a@b/c");
  ASSERT_TRUE(jid);
  EXPECT_FALSE(jid->has_local());
  EXPECT_EQ(jid->resource(), "a@b/c");
  EXPECT_EQ(jid->domain(), "example.com");
  EXPECT_FALSE(jid->is_domain());
}

TEST(Jid, with_resource) {
  const auto jid = *Jid::parse("a@b/old");
  EXPECT_EQ(jid.with_resource("new")->to_string(), "a@b/new");
  EXPECT_EQ(jid.with_resource(""), std::nullopt);
  EXPECT_EQ(jid.with_resource("\x01"), std::nullopt);
}

TEST(Jid, make_prepares_and_takes_no_separators_from_parts) {
  EXPECT_EQ(Jid::make("A", "B", "C")->to_string(), "a@b/C");
  EXPECT_EQ(Jid::make("", "b")->to_string(), "b");
  EXPECT_EQ(Jid::make("a@b", "c"), std::nullopt);
  EXPECT_EQ(Jid::make("a", "b/c"), std::nullopt);
  EXPECT_EQ(Jid::make("a", ""), std::nullopt);
}

TEST(Jid, lengths) {  // RFC 7622 §3.1: each part, in bytes, after preparation
  const std::string fits(1023, 'a'), too_long(1024, 'a');
  EXPECT_TRUE(Jid::parse(fits + "@b/" + fits));
  EXPECT_FALSE(Jid::parse(too_long + "@b"));
  EXPECT_FALSE(Jid::parse("b/" + too_long));
  const std::string label(63, 'a');
  EXPECT_TRUE(Jid::parse(label + "." + label + "." + label + "." + std::string(61, 'a')));
  EXPECT_FALSE(Jid::parse(label + "." + label + "." + label + "." + std::string(62, 'a')));  // 254
  EXPECT_FALSE(Jid::parse(label + "a.example"));
  std::string umlauts;
  for (int i = 0; i < 511; ++i) umlauts += "\xC3\xA4";
  EXPECT_TRUE(Jid::parse(umlauts + "@b"));
  EXPECT_FALSE(Jid::parse(umlauts + "\xC3\xA4@b"));
}

TEST(Jid, hash_and_order) {
  std::unordered_set<Jid> set{*Jid::parse("A@b"), *Jid::parse("a@B"), *Jid::parse("a@b/R"), *Jid::parse("a@b/r")};
  EXPECT_EQ(set.size(), 3u);
  EXPECT_LT(*Jid::parse("a@b"), *Jid::parse("b@a"));
}

std::string unescape(std::string_view text) {  // \u{1F600} as UTF-8
  std::string out;
  while (!text.empty()) {
    if (!text.starts_with("\\u{")) {
      out += text[0];
      text.remove_prefix(1);
      continue;
    }
    const auto end = text.find('}');
    const auto point = static_cast<unsigned>(std::stoul(std::string(text.substr(3, end - 3)), nullptr, 16));
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (point >> shift & 0x3F)); };
    if (point < 0x80) {
      out += static_cast<char>(point);
    } else if (point < 0x800) {
      out += static_cast<char>(0xC0 | point >> 6), tail(0);
    } else if (point < 0x10000) {
      out += static_cast<char>(0xE0 | point >> 12), tail(6), tail(0);
    } else {
      out += static_cast<char>(0xF0 | point >> 18), tail(12), tail(6), tail(0);
    }
    text.remove_prefix(end + 1);
  }
  return out;
}

// The pinned answers: a change here moves accounts.
TEST(JidVectors, are_what_they_were) {
  std::ifstream file(IRIS_SOURCE_DIR "/src/xmpp/jid_vectors.txt");
  ASSERT_TRUE(file);
  int count = 0, number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const auto tab = line.find('\t'), second = line.find('\t', tab + 1);
    ASSERT_NE(tab, std::string::npos) << number;
    const std::string input = unescape(line.substr(0, tab));
    const std::string expected = unescape(line.substr(tab + 1, second == line.npos ? line.npos : second - tab - 1));
    const auto jid = Jid::parse(input);
    EXPECT_EQ(jid ? jid->to_string() : "-", expected) << "line " << number << ": " << line;
    if (jid) { EXPECT_EQ(Jid::parse(jid->to_string()), jid) << "prepared twice, line " << number; }
    ++count;
  }
  EXPECT_GT(count, 100);
}

TEST(JidVectors, unicode_is_pinned) { EXPECT_EQ(unicode_version(), 17); }

using Prepare = std::optional<std::string> (*)(std::string_view, Path);

// What the fast path says of ASCII is what the tables say.
TEST(JidFastPath, agrees_on_every_single_character) {
  for (const Prepare prepare : {&prepare_local, &prepare_domain, &prepare_resource}) {
    for (int c = 0; c < 128; ++c) {
      for (const std::string& text : {std::string(1, char(c)), "a" + std::string(1, char(c)),
                                      std::string(1, char(c)) + "a", "A" + std::string(1, char(c)) + "z"}) {
        EXPECT_EQ(prepare(text, Path::fast_if_ascii), prepare(text, Path::slow)) << c << " " << text;
      }
    }
  }
}

TEST(JidFastPath, agrees_on_lengths_and_odd_domains) {
  for (std::size_t size : {0, 1, 62, 63, 64, 252, 253, 254, 1022, 1023, 1024, 4092, 4093}) {
    const std::string text(size, 'A');
    for (const Prepare prepare : {&prepare_local, &prepare_domain, &prepare_resource}) {
      EXPECT_EQ(prepare(text, Path::fast_if_ascii), prepare(text, Path::slow)) << size;
    }
    std::string labels;
    while (labels.size() < size) labels += "abcdefg.";
    labels.resize(size);
    EXPECT_EQ(prepare_domain(labels), prepare_domain(labels, Path::slow)) << labels;
  }
  for (const std::string text : {".",
                                 "..",
                                 "a..b",
                                 ".a",
                                 "a.",
                                 "a..",
                                 "a.b.",
                                 "xn--",
                                 "XN--a",
                                 "xn--a",
                                 "xn--bcher-kva",
                                 "a.xn--bcher-kva",
                                 "xn--a-",
                                 "ab--c",
                                 "-a",
                                 "a-",
                                 "a.-b",
                                 "1.2.3.4",
                                 "1.2.3.4.",
                                 "[::1]",
                                 "[::1",
                                 "::1",
                                 "[::FFFF:1.2.3.4]",
                                 "[1.2.3.4]",
                                 "[]",
                                 "[fe80::1%25eth0]",
                                 "a_b",
                                 "a b",
                                 "localhost",
                                 "a-b.C-d"}) {
    EXPECT_EQ(prepare_domain(text), prepare_domain(text, Path::slow)) << text;
  }
}

TEST(JidFastPath, agrees_on_random_ascii) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  // Mostly what gets far, so that more than the first character is tested.
  constexpr std::string_view kLikely = "abcXYZ019-.-.xn--";
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 12, ' ');
    for (char& c : text) c = random() % 8 != 0 ? kLikely[random() % kLikely.size()] : static_cast<char>(random() % 128);
    for (const Prepare prepare : {&prepare_local, &prepare_domain, &prepare_resource}) {
      ASSERT_EQ(prepare(text, Path::fast_if_ascii), prepare(text, Path::slow)) << "'" << text << "'";
    }
  }
}

TEST(Jid, random_bytes_are_refused_or_stable) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t points = 1 + random() % 4; points > 0; --points) {
      char escaped[16];
      std::snprintf(escaped, sizeof escaped, "\\u{%X}",
                    unsigned(random() % 4 != 0 ? random() % 0x3000 : random() % 0x20000));
      text += unescape(escaped);
    }
    const auto jid = Jid::parse(text + "@" + text + "/" + text);
    const auto local = Jid::parse(text + "@b");
    for (const auto& value : {jid, local}) {
      if (!value) continue;
      ++accepted;
      ASSERT_EQ(Jid::parse(value->to_string()), value) << value->to_string();
    }
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace iris::xmpp
