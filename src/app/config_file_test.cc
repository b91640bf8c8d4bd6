#include "app/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fstream>
#include <sstream>

#include "app/config_doc.h"
#include "app/config_schema.h"

namespace iris::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Config good(std::string_view text) {
  auto parsed = parse_config(text, "/srv/iris/iris.toml");
  if (auto* problems = std::get_if<ConfigProblems>(&parsed)) {
    for (const auto& problem : *problems) ADD_FAILURE() << problem.to_string();
    return {};
  }
  return std::get<Config>(parsed);
}

std::vector<std::string> bad(std::string_view text) {
  auto parsed = parse_config(text, "iris.toml");
  std::vector<std::string> out;
  if (auto* problems = std::get_if<ConfigProblems>(&parsed))
    for (const auto& problem : *problems) out.push_back(problem.to_string());
  return out;
}

TEST(ConfigFile, EmptyMeansDefaults) {
  const Config config = good("");
  EXPECT_EQ(config.domain, "localhost");
  EXPECT_EQ(config.data, "/srv/iris");
  EXPECT_EQ(config.certificate, "/srv/iris/tls/cert.pem");
  EXPECT_EQ(config.edge.registration, edge::Registration::closed);
}

TEST(ConfigFile, ValuesReachTheOptionsOfTheFolders) {
  const Config config = good(R"(
[server]
domain = "Example.ORG"
data = "data"
[listen]
starttls = ["127.0.0.1:5222", "[::1]:5222"]
[auth]
registration = "loopback"
[limits]
stanza = "128KiB"
rates = false
[session]
resume_timeout = "10m"
[engine]
window = 12
)");
  EXPECT_EQ(config.domain, "example.org");
  EXPECT_EQ(config.data, "/srv/iris/data");
  EXPECT_THAT(config.listen.starttls, SizeIs(2));
  EXPECT_EQ(config.listen.starttls[1].ip, "::1");
  EXPECT_EQ(config.edge.registration, edge::Registration::loopback);
  EXPECT_EQ(config.edge.stanza_bytes_max, 128u * 1024);
  EXPECT_FALSE(config.rate_limits);
  EXPECT_EQ(config.edge.detached_timeout, std::chrono::minutes{10});
  EXPECT_EQ(config.shard.window, 12u);
}

TEST(ConfigFile, UnknownKeyIsRefusedWithTheLikelyOne) {
  EXPECT_THAT(bad("[server]\n\ndomian = \"x\"\n"),
              ElementsAre("iris.toml:3: unknown key 'server.domian'. Did you mean 'domain'?"));
}

TEST(ConfigFile, UnknownKeyThatIsLikeNothingGetsTheList) {
  EXPECT_THAT(bad("[log]\ncolour = true\n"), ElementsAre("iris.toml:2: unknown key 'log.colour'. Known are: level."));
}

TEST(ConfigFile, UnknownTableIsRefused) {
  EXPECT_THAT(bad("[sever]\n"), ElementsAre("iris.toml:1: unknown table [sever]. Did you mean 'server'?"));
}

TEST(ConfigFile, KeyOutsideATableIsRefused) {
  EXPECT_THAT(bad("domain = \"x\"\n"),
              ElementsAre(HasSubstr("iris.toml:1: unknown key 'domain': keys stand in tables.")));
}

TEST(ConfigFile, TableThatIsNotOneIsRefused) {
  EXPECT_THAT(bad("server = 1\n"), ElementsAre("iris.toml:1: 'server' must be a table: [server]"));
}

TEST(ConfigFile, EveryWrongTypeIsRefusedWithWhatIsAllowed) {
  EXPECT_THAT(bad("[limits]\nrates = 1\n"), ElementsAre("iris.toml:2: limits.rates must be true or false"));
  EXPECT_THAT(bad("[engine]\nwindow = \"12\"\n"),
              ElementsAre("iris.toml:2: engine.window must be a whole number, 1 to 65536"));
  EXPECT_THAT(bad("[engine]\nwindow = 1.5\n"), ElementsAre(HasSubstr("must be a whole number")));
  EXPECT_THAT(bad("[session]\nidle_ping = 30\n"), ElementsAre(HasSubstr("must be a duration in quotes")));
  EXPECT_THAT(bad("[session]\nidle_ping = \"30 s\"\n"), ElementsAre(HasSubstr("must be a duration in quotes")));
  EXPECT_THAT(bad("[limits]\nstanza = \"64KB\"\n"), ElementsAre(HasSubstr("must be a size in quotes")));
  EXPECT_THAT(bad("[server]\ndomain = true\n"),
              ElementsAre("iris.toml:2: server.domain must be a domain name, in quotes"));
  EXPECT_THAT(bad("[listen]\nhttp = \"127.0.0.1:80\"\n"),
              ElementsAre(HasSubstr("listen.http must be a list of addresses")));
  EXPECT_THAT(bad("[listen]\nhttp = [80]\n"), ElementsAre(HasSubstr("listen.http must be a list of addresses")));
  EXPECT_THAT(bad("[server]\nloops = 1979-05-27\n"), ElementsAre(HasSubstr("server.loops must be a whole number")));
}

TEST(ConfigFile, ValuesOutOfRangeAreRefusedWithTheRange) {
  EXPECT_THAT(bad("[server]\npartitions = 0\n"),
              ElementsAre("iris.toml:2: server.partitions must be a whole number, 1 to 4096"));
  EXPECT_THAT(bad("[session]\nidle_ping = \"0s\"\n"),
              ElementsAre("iris.toml:2: session.idle_ping must be \"1s\" to \"1d\""));
  EXPECT_THAT(bad("[limits]\nstanza = \"1GiB\"\n"), ElementsAre(HasSubstr("limits.stanza must be")));
  EXPECT_THAT(bad("[auth]\nregistration = \"maybe\"\n"),
              ElementsAre(R"(iris.toml:2: auth.registration must be "off", "loopback" or "open")"));
  EXPECT_THAT(bad("[server]\nnode = \"A b\"\n"), ElementsAre(HasSubstr("server.node must be a name")));
}

TEST(ConfigFile, ContactsAreUris) {
  EXPECT_THAT(bad("[service]\nabuse_addresses = [\"mailto:a@b.c\", \"a@b.c\"]\n"),
              ElementsAre(HasSubstr("\"a@b.c\" will not do; must be URIs as")));
  EXPECT_THAT(bad("[service]\nabuse_addresses = \"mailto:a@b.c\"\n"), ElementsAre(HasSubstr("must be a list of URIs")));
  EXPECT_THAT(bad("[service]\ncaps_node = \"iris\"\n"), ElementsAre(HasSubstr("must be a URI, or nothing")));
  EXPECT_THAT(bad("[service]\nsoftware = \"nothing\"\nsecurity_addresses = [\"https://b.c/security\"]\n"), IsEmpty());
}

TEST(ConfigFile, AddressesAreChecked) {
  EXPECT_THAT(bad("[listen]\nhttp = [\"nowhere\"]\n"), ElementsAre(HasSubstr("\"nowhere\" is no address")));
  EXPECT_THAT(bad("[listen]\nhttp = [\"127.0.0.1:0\"]\n"), ElementsAre(HasSubstr("has no port")));
  EXPECT_THAT(bad("[listen]\nhttp = [\"127.0.0.1:80\"]\nhttps = [\"127.0.0.1:80\"]\n"),
              ElementsAre("iris.toml:3: listen.https: 127.0.0.1:80 is taken by listen.http."));
}

TEST(ConfigFile, PlaintextIsRefusedBeyondLoopback) {
  EXPECT_THAT(bad("[auth]\nallow_plaintext = true\n[listen]\nstarttls = [\"0.0.0.0:5222\"]\n"),
              ElementsAre(HasSubstr(
                  "iris.toml:2: auth.allow_plaintext = true is refused with listen.starttls on 0.0.0.0:5222")));
  EXPECT_THAT(bad("[auth]\nallow_plaintext = true\n[listen]\nstarttls = [\"127.0.0.1:5222\", \"[::1]:5222\"]\n"),
              IsEmpty());
}

TEST(ConfigFile, SyntaxErrorsNameTheirLine) {
  EXPECT_THAT(bad("[server]\ndomain = \n"), ElementsAre(HasSubstr("iris.toml:2: ")));
  EXPECT_THAT(bad("[server]\nnode = \"a\"\nnode = \"b\"\n"), ElementsAre(HasSubstr("iris.toml:3: ")));
}

TEST(ConfigFile, APlaceToResumeIsAHostAndAPort) {
  EXPECT_EQ(good("[session]\nresume_location = \"chat.example:5222\"\n").edge.resume_location, "chat.example:5222");
  EXPECT_EQ(good("[session]\nresume_location = \"\"\n").edge.resume_location, "");
  for (const char* wrong : {"foo", "host:0"})
    EXPECT_THAT(bad(std::string("[session]\nresume_location = \"") + wrong + "\"\n"),
                ElementsAre("iris.toml:2: session.resume_location must be host:port, or nothing, in quotes"));
}

TEST(ConfigFile, AllProblemsAreToldAtOnceInOrder) {
  EXPECT_THAT(bad("[server]\nlops = 1\npartitions = -1\n[engin]\n"),
              ElementsAre(HasSubstr("iris.toml:2:"), HasSubstr("iris.toml:3:"), HasSubstr("iris.toml:4:")));
}

TEST(ConfigFile, MissingFileSaysWhatToDo) {
  auto loaded = load_config("/nonexistent/iris.toml");
  ASSERT_TRUE(std::holds_alternative<ConfigProblems>(loaded));
  EXPECT_THAT(std::get<ConfigProblems>(loaded)[0].to_string(), HasSubstr("irisd init"));
}

TEST(ConfigSchema, EveryKeyHasATableATextAndADefaultThatItAccepts) {
  std::vector<std::string> tables;
  for (const Table& table : config_tables()) tables.push_back(table.name);
  for (const Key& key : config_schema()) {
    EXPECT_THAT(tables, ::testing::Contains(key.table())) << key.name;
    EXPECT_FALSE(key.text.empty()) << key.name;
    EXPECT_THAT(bad("[" + key.table() + "]\n" + key.leaf() + " = " + key.fallback + "\n"), IsEmpty()) << key.name;
  }
}

TEST(ConfigDoc, SaysNeverOfWhatTheDataIsMadeWith) {
  const std::string doc = config_doc();
  for (const char* key : {"domain", "partitions"}) {
    const auto row = doc.find("\n| `" + std::string(key) + "` |");
    ASSERT_NE(row, std::string::npos);
    EXPECT_THAT(doc.substr(row + 1, doc.find('\n', row + 1) - row), HasSubstr(" | never | "));
  }
}

TEST(ConfigDoc, IsCurrent) {
  std::ifstream in(IRIS_SOURCE_DIR "/docs/configuration.md");
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_TRUE(text.str() == config_doc()) << "run: irisd --print-config-doc > docs/configuration.md";
}

// Found by test/fuzz.
TEST(ConfigFile, CharactersBeyondAsciiStandInStringsAndComments) {
  for (const std::string good :
       {"# Zürich\n", "[server]\ndomain = \"bücher.example\"  # ü\n", "\xef\xbb\xbf# a\n", "[http]\nweb = 'C:\\ü\\'\n",
        "[\"listen\"]\n\"direct_tls\" = [\n  \"127.0.0.1:1\",  # ü\n  \"127.0.0.1:2\"]\n"})
    EXPECT_TRUE(std::holds_alternative<Config>(parse_config(good, "iris.toml"))) << good;
  for (const std::string bad : {"ü = 1\n", "[server]ü\n", "[server]\ndomain = ü\n", "a = \"b\nü\"\n",
                                "a = \"\"\"ü\"\"\"\n", "a = 9\"ü\"\n", "a = \"b\" \"ü\"\n", "a = \"\\\" # \"ü\n"}) {
    const auto parsed = parse_config(bad, "iris.toml");
    ASSERT_TRUE(std::holds_alternative<ConfigProblems>(parsed)) << bad;
    EXPECT_NE(std::get<ConfigProblems>(parsed).front().text.find("beyond ASCII"), std::string::npos) << bad;
  }
}

// Found by test/fuzz: the parser's own assertion would have ended a running server at SIGHUP.
TEST(ConfigFile, ControlCharactersAreRefusedWithTheirLine) {
  for (const std::string bad : {"\x18", "\x01", "\x7f"}) {
    const auto parsed = parse_config("[server]\n[" + bad + "mit]\n", "iris.toml");
    const auto* problems = std::get_if<ConfigProblems>(&parsed);
    ASSERT_NE(problems, nullptr);
    EXPECT_EQ(problems->front().to_string(), "iris.toml:2: a control character: the file must be text");
  }
}

}  // namespace
}  // namespace iris::app
