#include "module/strangers.h"

#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kMallory = "mallory@localhost/one";
constexpr auto kBob = "bob@localhost/two";

// All that a stranger may send to somebody; TO is the address.
const std::vector<std::string> kStanzas{
    "<iq type='get' id='i' to='TO'><ping xmlns='urn:xmpp:ping'/></iq>",
    "<iq type='get' id='i' to='TO'><query xmlns='jabber:iq:last'/></iq>",
    "<iq type='get' id='i' to='TO'><query xmlns='jabber:iq:version'/></iq>",
    "<iq type='get' id='i' to='TO'><query xmlns='jabber:iq:roster'/></iq>",
    "<iq type='set' id='i' to='TO'><query xmlns='jabber:iq:roster'><item jid='a@localhost'/></query></iq>",
    "<iq type='get' id='i' to='TO'><query xmlns='jabber:iq:private'><x xmlns='urn:x'/></query></iq>",
    "<iq type='set' id='i' to='TO'><query xmlns='jabber:iq:private'><x xmlns='urn:x'/></query></iq>",
    "<iq type='get' id='i' to='TO'><vCard xmlns='vcard-temp'/></iq>",
    "<iq type='set' id='i' to='TO'><vCard xmlns='vcard-temp'/></iq>",
    "<iq type='get' id='i' to='TO'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    "<iq type='get' id='i' to='TO'><query xmlns='http://jabber.org/protocol/disco#info' node='n'/></iq>",
    "<iq type='get' id='i' to='TO'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
    "<iq type='get' id='i' to='TO'><query xmlns='urn:xmpp:mam:2'/></iq>",
    "<iq type='set' id='i' to='TO'><query xmlns='urn:xmpp:mam:2'/></iq>",
    "<iq type='get' id='i' to='TO'><metadata xmlns='urn:xmpp:mam:2'/></iq>",
    "<iq type='get' id='i' to='TO'><prefs xmlns='urn:xmpp:mam:2'/></iq>",
    "<iq type='set' id='i' to='TO'><prefs xmlns='urn:xmpp:mam:2' default='always'/></iq>",
    "<iq type='get' id='i' to='TO'><blocklist xmlns='urn:xmpp:blocking'/></iq>",
    "<iq type='set' id='i' to='TO'><block xmlns='urn:xmpp:blocking'><item jid='a@localhost'/></block></iq>",
    "<iq type='set' id='i' to='TO'><enable xmlns='urn:xmpp:carbons:2'/></iq>",
    "<iq type='set' id='i' to='TO'><query xmlns='jabber:iq:register'><remove/></query></iq>",
    "<iq type='get' id='i' to='TO'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'/></pubsub></iq>",
    "<iq type='set' id='i' to='TO'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'/></pubsub></iq>",
    "<iq type='get' id='i' to='TO'><x xmlns='urn:nobody:knows'/></iq>",
    "<iq type='set' id='i' to='TO'><x xmlns='urn:nobody:knows'/></iq>",
    "<presence to='TO'/>",
    "<presence type='unavailable' to='TO'/>",
    "<presence type='probe' id='i' to='TO'/>",
    "<presence type='probe' id='i' to='TO/two'/>",
    "<presence type='subscribe' id='i' to='TO'/>",
    "<presence type='subscribed' id='i' to='TO'/>",
    "<presence type='unsubscribe' id='i' to='TO'/>",
    "<presence type='unsubscribed' id='i' to='TO'/>",
    "<message type='headline' id='i' to='TO'><body>x</body></message>",
    "<message type='groupchat' id='i' to='TO'><body>x</body></message>",
    "<message type='error' id='i' to='TO'/>",
    "<message type='chat' id='i' to='TO'><active xmlns='http://jabber.org/protocol/chatstates'/></message>",
    "<message id='i' to='TO/nowhere'><body>x</body></message>",
    "<message type='groupchat' id='i' to='TO/nowhere'><body>x</body></message>",
    "<message type='headline' id='i' to='TO/nowhere'><body>x</body></message>",
};
// These tell, unless the server is cautious: who mistypes an address wants to know (RFC 6121 §8.5.1).
const std::vector<std::string> kTelling{
    "<message id='i' to='TO'><body>x</body></message>",
    "<message type='chat' id='i' to='TO'><body>x</body></message>",
    "<message type='chat' id='i' to='TO/nowhere'><body>x</body></message>",
};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

enum class Account { missing, never_used, left, online };

// What the stranger hears, with the address put back.
std::vector<std::string> heard(const std::string& stanza, Account account, bool cautious) {
  Stage stage;
  stage.options.cautious = cautious;
  stage.login(kMallory);
  stage.send(kMallory, "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
  stage.read(kMallory);
  if (account == Account::never_used) stage.create("bob@localhost");
  if (account == Account::left || account == Account::online) stage.login(kBob);
  if (account == Account::left) stage.end(kBob, "gone fishing");
  stage.time = 5'000'000;  // stamps are in what is pushed
  stage.send(kMallory, replaced(stanza, "TO", "bob@localhost"));
  return stage.read(kMallory);
}

// RFC 6120 §13.11, RFC 6121 §8.1
TEST(Strangers, CannotTellWhetherAnAccountExists) {
  for (const auto& stanza : kStanzas)
    for (bool cautious : {false, true})
      for (auto account : {Account::never_used, Account::left, Account::online}) {
        SCOPED_TRACE(stanza + ", account " + std::to_string(static_cast<int>(account)));
        EXPECT_EQ(heard(stanza, account, cautious), heard(stanza, Account::missing, cautious));
      }
}

TEST(Strangers, AreToldOfAMistypedAddressUnlessTheServerIsCautious) {
  for (const auto& stanza : kTelling)
    for (auto account : {Account::never_used, Account::left}) {
      SCOPED_TRACE(stanza);
      EXPECT_EQ(heard(stanza, Account::missing, false).size(), 1u);
      EXPECT_EQ(heard(stanza, Account::missing, true).size(), 0u);
      EXPECT_EQ(heard(stanza, account, true).size(), 0u);
    }
}

// RFC 6121 §8.5.3.1: by a subscription, or by directed presence to this JID or its bare JID.
TEST(Strangers, DoNotReachAClientOfACautiousServerWithIqs) {
  const std::string ask = "<iq type='get' id='i' to='bob@localhost/two'><query xmlns='jabber:iq:version'/></iq>";
  const std::vector<std::string> refused{
      "<iq type='error' id='i' from='bob@localhost/two'><error type='cancel'><service-unavailable "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"};
  struct Case {
    bool cautious;
    const char* bob_sends;
    bool reaches;
  };
  for (const auto& [cautious, bob_sends, reaches] : std::vector<Case>{
           {false, "", true},
           {true, "", false},
           {true, "<presence to='mallory@localhost/one'/>", true},
           {true, "<presence to='mallory@localhost'/>", true},
           {true, "<presence to='mallory@localhost/other'/>", false},
           {true, "<presence type='subscribed' to='mallory@localhost'/>", true},
           {true, "<presence type='subscribe' to='mallory@localhost'/>", false},
       }) {
    SCOPED_TRACE(std::string(cautious ? "cautious, " : "not, ") + bob_sends);
    Stage stage;
    stage.options.cautious = cautious;
    stage.login(kMallory);
    stage.login(kBob);
    stage.send(kMallory, "<presence type='subscribe' to='bob@localhost'/>");
    if (*bob_sends != '\0') stage.send(kBob, bob_sends);
    stage.read(kMallory);
    stage.read(kBob);
    stage.send(kMallory, ask);
    EXPECT_EQ(stage.read(kBob).size(), reaches ? 1u : 0u);
    EXPECT_TRUE(are(stage.read(kMallory), reaches ? std::vector<std::string>{} : refused));
    // Answers, and one's own resources, pass.
    stage.send(kMallory, "<iq type='result' id='j' to='bob@localhost/two'/>");
    EXPECT_EQ(stage.read(kBob).size(), 1u);
    stage.bind("bob@localhost/three");
    stage.send("bob@localhost/three", ask);
    EXPECT_EQ(stage.read(kBob).size(), 1u);
  }
}

}  // namespace
}  // namespace iris::module
