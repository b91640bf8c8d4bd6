// `irisctl account import`: what is not what it should be is told, and what it reads is bounded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/server_for_tests.h"

namespace iris::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class ImportTest : public ServerTest {
 protected:
  int import(const std::string& text) { return irisctl({"account", "import", write_csv(text)}); }
  // An XEP-0227 file of one account.
  static std::string account(const std::string& name, const std::string& inside) {
    return "<server-data xmlns='urn:xmpp:pie:0'><host jid='localhost'><user name='" + name + "' password='p'>" +
           inside + "</user></host></server-data>";
  }
  std::string exported(const std::string& name) {
    EXPECT_EQ(irisctl({"account", "export", name}), 0) << err_;
    return out_;
  }
};

std::size_t count_of(const std::string& part, const std::string& text) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(ImportTest, AFolderIsNoFile) {
  EXPECT_EQ(irisctl({"account", "import", data_}), 1);
  EXPECT_EQ(err_, "irisctl: " + data_ + " is a folder\n");
  EXPECT_EQ(irisctl({"account", "import", "/dev/zero"}), 1);
  EXPECT_EQ(err_, "irisctl: /dev/zero is no file\n");
}

TEST_F(ImportTest, LinesAreCountedFromTheFirst) {
  ASSERT_EQ(start(config()), "");
  EXPECT_EQ(import("\n\na@localhost,p\nb@localhost\n"), 1);
  EXPECT_THAT(err_, HasSubstr("accounts.csv:4: 2 or 6 columns"));
  EXPECT_THAT(err_, HasSubstr("added 1 accounts, 1 lines failed"));
}

TEST_F(ImportTest, ContactsThatAreNoneAreNamed) {
  ASSERT_EQ(start(config()), "");
  EXPECT_EQ(import(account("a",
                           "<query xmlns='jabber:iq:roster'><item jid='x@y@z'/><item jid='b@localhost'/>"
                           "<item name='who'/></query>")),
            0);
  EXPECT_THAT(err_, HasSubstr("a@localhost: ignored: 2 contacts that are no address: 'x@y@z', ''"));
  EXPECT_THAT(exported("a"), HasSubstr("b@localhost"));
}

// XEP-0203 §2: "one and only one". It says when the message came, not when it was imported.
TEST_F(ImportTest, WhatWaitedHasOneDelayHoweverOftenItIsMoved) {
  ASSERT_EQ(start(config()), "");
  const std::string stamp = "2020-02-02T20:20:20Z", said = "<delay xmlns='urn:xmpp:delay' from='localhost' stamp='";
  const auto message = [&](const std::string& delay) {
    return "<message xmlns='jabber:client' from='b@localhost/r' to='a@localhost' type='chat'><body>hello</body>" +
           delay + "</message>";
  };
  const std::string room = "<delay xmlns='urn:xmpp:delay' from='room@localhost' stamp='2019-01-01T00:00:00Z'/>";
  std::string text = account("a", "<offline-messages>" + message(said + stamp + "'/>" + room) + "</offline-messages>");
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(import(text), 0) << err_ << text;
    text = exported("a");
    for (int looks = 1; looks < 1000 && !text.contains("hello</body>"); ++looks) text = exported("a");  // on its way
    EXPECT_EQ(count_of(said + stamp + "'", text), 1u) << text;
    EXPECT_EQ(count_of("<delay", text), 2u) << text;  // what the room said stays
    ASSERT_EQ(irisctl({"account", "delete", "a"}), 0) << err_;
  }
}

TEST_F(ImportTest, AnArchivedMessageHasOneDelayHoweverOftenItIsMoved) {
  ASSERT_EQ(start(config()), "");
  const std::string stamp = "<delay xmlns='urn:xmpp:delay' stamp='2020-02-02T20:20:20Z'/>";
  std::string text =
      account("a",
              "<archive xmlns='urn:xmpp:pie:0#mam'><result xmlns='urn:xmpp:mam:2' id='1'>"
              "<forwarded xmlns='urn:xmpp:forward:0'>" +
                  stamp +
                  "<message xmlns='jabber:client' from='b@localhost/r' to='a@localhost' type='chat'>"
                  "<body>hello</body><delay xmlns='urn:xmpp:delay' from='localhost' stamp='2020-02-02T20:20:20Z'/>"
                  "</message></forwarded></result></archive>");
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(import(text), 0) << err_;
    EXPECT_EQ(out_, "added 1 accounts, with 1 archived messages\n");
    text = exported("a");
    EXPECT_EQ(count_of("<delay", text), 1u) << text;
    ASSERT_EQ(irisctl({"account", "delete", "a"}), 0) << err_;
  }
}

TEST_F(ImportTest, AFileBeyondTheLimitIsRefusedAndOneThatIncludesOthersIsNot) {
  ASSERT_EQ(start(config()), "");
  const std::string big = account("a", "<vCard xmlns='vcard-temp'><NOTE>" + std::string(5000, 'x') + "</NOTE></vCard>");
  ASSERT_TRUE(write_file(data_ + "/big.xml", big, 0600));
  EXPECT_EQ(irisctl({"account", "import", "--file-max", "4KiB", data_ + "/big.xml"}), 1);
  EXPECT_THAT(err_, HasSubstr("big.xml: more than 4096 bytes"));
  EXPECT_THAT(err_, HasSubstr("--file-max"));
  std::string user = big.substr(big.find("<user"), big.find("</host>") - big.find("<user"));
  user.insert(5, " xmlns='urn:xmpp:pie:0'");
  ASSERT_TRUE(write_file(data_ + "/a.xml", user, 0600));
  std::string whole =
      "<server-data xmlns='urn:xmpp:pie:0' xmlns:xi='http://www.w3.org/2001/XInclude'>"
      "<host jid='localhost'>";
  for (const char* name : {"a.xml", "/dev/zero", "zero"}) whole += "<xi:include href='" + std::string(name) + "'/>";
  std::filesystem::create_symlink("/dev/zero", data_ + "/zero");
  ASSERT_TRUE(write_file(data_ + "/whole.xml", whole + "</host></server-data>", 0600));
  EXPECT_EQ(irisctl({"account", "import", "--file-max", "6KB", data_ + "/whole.xml"}), 1);
  EXPECT_THAT(err_, HasSubstr("added 1 accounts"));
  EXPECT_THAT(err_, HasSubstr("zero is no regular file"));
}

// Four bytes in the file are more than a hundred in memory.
TEST_F(ImportTest, ManySmallElementsAreRefused) {
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "<a/>";
  const std::string path = write_csv(account("a", many));
  EXPECT_EQ(irisctl({"account", "import", "--file-max", "16KiB", path}), 1);
  EXPECT_THAT(err_, HasSubstr("too many elements"));
}

// One that no client could have sent would end the connection of whoever is given it.
TEST_F(ImportTest, AMessageThatIsTooBigIsLeftOut) {
  ASSERT_EQ(start(config()), "");
  const auto message = [](std::size_t size) {
    return "<message xmlns='jabber:client' from='b@localhost/r' to='a@localhost' type='chat'><body>" +
           std::string(size, 'x') + "</body></message>";
  };
  EXPECT_EQ(import(account("a", "<offline-messages>" + message(300 << 10) + message(10) + "</offline-messages>")), 0);
  EXPECT_THAT(err_, HasSubstr("ignored: 1 offline messages that cannot be read, or are too big"));
}

TEST_F(ImportTest, WhatOneRequestCannotHoldIsToldOfItsAccount) {
  ASSERT_EQ(start(config()), "");
  const std::string huge = "<vCard xmlns='vcard-temp'><NOTE>" + std::string(17 << 20, 'x') + "</NOTE></vCard>";
  const std::string small = "<user xmlns='urn:xmpp:pie:0' name='b' password='p'/></host>";
  std::string text = account("a", huge);
  text.replace(text.find("</host>"), 7, small);
  EXPECT_EQ(import(text), 1);
  EXPECT_THAT(err_, HasSubstr("a@localhost: one piece of it has"));
  EXPECT_THAT(err_, HasSubstr("added 2 accounts"));
}

}  // namespace
}  // namespace iris::app
