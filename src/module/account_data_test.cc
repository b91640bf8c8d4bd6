#include "module/account_data.h"

#include "module/account_row.h"
#include "module/expect_for_tests.h"
#include "module/roster_rows.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kAlice = "alice@localhost";

xml::Element parse(const std::string& text) { return std::get<xml::Element>(xml::parse_document(text)); }

UserData taken(std::initializer_list<std::string> children) {
  UserData data;
  for (const auto& child : children) EXPECT_TRUE(take_user_data(parse(child), kAlice, data)) << child;
  return data;
}

void give(Stage& stage, const UserData& data) {
  stage.inbound(kAlice, restore_stanza(data, kAlice, "localhost", "token"));
}

// XEP-0227 §4.4, §4.9: states of subscriptions, a request that waits, and both of one contact.
TEST(AccountData, ContactsComeBack) {
  Stage stage;
  stage.create(kAlice);
  give(
      stage,
      taken({"<query xmlns='jabber:iq:roster'>"
             "<item jid='Both@localhost' name='B' subscription='both'><group>g</group></item>"
             "<item jid='to@localhost' subscription='to' approved='true'/><item jid='asked@localhost' ask='subscribe'/>"
             "<item jid='alice@localhost' subscription='both'/><item jid='a@b@c'/></query>",
             "<presence xmlns='jabber:client' type='subscribe' from='to@localhost'><status>hi</status></presence>",
             "<presence xmlns='jabber:client' type='subscribe' from='new@localhost' id='1'/>"}));
  const auto& state = stage.account(kAlice).state();
  const auto both = find_contact(state, "both@localhost"), to = find_contact(state, "to@localhost");
  EXPECT_TRUE(both.to() && both.from() && both.listed());
  EXPECT_EQ(both.name(), "B");
  EXPECT_EQ(both.groups(0), "g");
  EXPECT_TRUE(to.to() && !to.from() && to.ask_in() && to.approved());
  EXPECT_TRUE(find_contact(state, "asked@localhost").ask_out());
  EXPECT_FALSE(find_contact(state, "new@localhost").listed());
  EXPECT_TRUE(find_contact(state, "new@localhost").ask_in());
  EXPECT_FALSE(find_contact(state, kAlice).listed());
  EXPECT_EQ(*state.find(kRestored), "token");
  const std::string out = user_data(state);
  for (const char* part : {"<item jid='both@localhost' subscription='both' name='B'><group>g</group></item>",
                           "ask='subscribe'", "<status>hi</status>", "from='new@localhost'"})
    EXPECT_NE(out.find(part), std::string::npos) << part << " is not in " << out;
}

// Nobody would see that a contact or a block is gone.
TEST(AccountData, AddressesThatAreNoneAreNamed) {
  const auto data =
      taken({"<query xmlns='jabber:iq:roster'><item jid='a@b@c'/><item jid='bob@localhost'/><item/></query>",
             "<blocklist xmlns='urn:xmpp:blocking'><item jid='@x'/><item jid='eve@x'/></blocklist>"});
  EXPECT_EQ(data.rows.size(), 2u);
  const std::map<std::string, std::vector<std::string>> wanted{{"contacts", {"a@b@c", ""}},
                                                               {"blocked addresses", {"@x"}}};
  EXPECT_EQ(data.left_out, wanted);
}

TEST(AccountData, WhatClientsKeepComesBackByteForByte) {
  Stage stage;
  stage.create(kAlice);
  const std::string vcard = "<vCard xmlns='vcard-temp'><FN>A &amp; B</FN></vCard>";
  const std::string prefs = "<prefs xmlns='exodus:prefs'><nick>A</nick></prefs>";
  const std::string blocks = "<blocklist xmlns='urn:xmpp:blocking'><item jid='eve@localhost'/></blocklist>";
  give(stage, taken({vcard, "<query xmlns='jabber:iq:private'>" + prefs + "</query>", blocks}));
  const std::string out = user_data(stage.account(kAlice).state());
  for (const auto& part : {vcard, prefs, blocks}) EXPECT_NE(out.find(part), std::string::npos) << part << out;
}

TEST(AccountData, WhatIsUnknownIsForTheCallerToTell) {
  UserData data;
  EXPECT_FALSE(take_user_data(parse("<x xmlns='urn:x'/>"), kAlice, data));
  EXPECT_FALSE(take_user_data(parse("<presence xmlns='jabber:client' from='a@localhost'/>"), kAlice, data));
  EXPECT_TRUE(data.rows.empty());
}

TEST(AccountData, ItsBeginningMovesBackOnly) {
  Stage stage;
  stage.create(kAlice);
  const auto created = account_created(stage.account(kAlice).state());
  UserData data;
  data.begins = base::Stamp{created.value + 1};
  give(stage, data);
  EXPECT_EQ(account_created(stage.account(kAlice).state()), created);
  data.begins = base::Stamp{7};
  give(stage, data);
  EXPECT_EQ(account_created(stage.account(kAlice).state()).value, 7u);
}

// A normal message to a resource that is not there would go back to its sender; this one has been taken already.
TEST(AccountData, WhatWaitedForAResourceWaitsForTheAccount) {
  Stage stage;
  stage.create(kAlice);
  UserData data;
  record::Inbound one;
  one.set_original_stamp(7);
  auto& waiting = *one.mutable_stanza();
  waiting.set_kind(record::MESSAGE);
  waiting.set_from("bob@localhost/two");
  waiting.set_to("alice@localhost/gone");
  waiting.set_inner("<body>hello</body>");
  waiting.set_fate(xmpp::Fate{.logged = true, .offline = true}.bits());
  data.offline.push_back(one);
  give(stage, data);
  const auto& rows = stage.account(kAlice).rows_;
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows.begin()->second.offline() && rows.begin()->second.inbox());
  EXPECT_EQ(rows.begin()->second.original_stamp(), 7u);  // what it is delivered with (XEP-0203)
}

// No client can send what only the server's own domain says.
TEST(AccountData, WithoutAnAccountNothingIsRestored) {
  Stage stage;
  give(stage, taken({"<vCard xmlns='vcard-temp'/>"}));
  EXPECT_TRUE(stage.account(kAlice).state().empty());
}

}  // namespace
}  // namespace iris::module
