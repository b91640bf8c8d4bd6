// RFC 6121 §8.5 as tables: what arrives, for whom, and who is there. What is not logged (headlines, IQs between
// resources) takes the shard's way, which test/dialogue/delivery.txt walks.
#include <map>
#include <string>
#include <vector>

#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kAlice = "alice@localhost/one";

// bob's resources with their priorities; no account if there is nobody at all.
struct There {
  const char* name;
  bool account;
  std::vector<std::pair<const char*, int>> resources;
};
const There kNoAccount{"account does not exist", false, {}};
const There kNobody{"account exists, but no active resources", true, {}};
const There kNegative{"1+ negative resources but zero non-negative resources", true, {{"match", -1}, {"other", -5}}};
const There kOne{"1 non-negative resource", true, {{"match", 0}, {"other", -5}}};
const There kSeveral{"1+ non-negative resources", true, {{"match", 0}, {"other", 5}, {"third", -1}}};

void enter(Stage& stage, const There& there) {
  if (!there.account) return;
  stage.create("bob@localhost");
  for (const auto& [resource, priority] : there.resources) {
    const auto full = std::string("bob@localhost/") + resource;
    stage.bind(full);
    stage.send(full, "<presence><priority>" + std::to_string(priority) + "</priority></presence>");
  }
  for (const auto& [resource, _] : there.resources) stage.read(std::string("bob@localhost/") + resource);
}

// Letters of table 1: Offline, Error, Silence, Delivered to one, to All that are not negative.
char outcome(Stage& stage, const std::string& to, const std::string& type) {
  auto& bob = stage.account("bob@localhost");
  record::Inbound inbound;
  auto& stanza = *inbound.mutable_stanza();
  stanza.set_kind(record::MESSAGE);
  stanza.set_type(type == "normal" ? "" : type);
  stanza.set_from(kAlice);
  stanza.set_to(to);
  const bool kept = type == "normal" || type == "chat";
  stanza.set_fate(xmpp::Fate{.logged = true, .archived = kept, .offline = kept}.bits());
  shard::Apply apply(stage.options, bob.jid_, {++stage.time}, bob.state_);
  for (auto& module : stage.modules)
    if (module->on_inbound(apply, inbound)) break;
  if (!apply.emissions().empty()) {
    const auto& answer = apply.emissions()[0];
    EXPECT_EQ(answer.to_bare, "alice@localhost");
    EXPECT_EQ(answer.inbound.stanza().type(), "error");
    EXPECT_NE(answer.inbound.stanza().inner().find("service-unavailable"), std::string::npos);
    EXPECT_FALSE(apply.kept());
    return 'E';
  }
  if (!apply.kept()) return 'S';
  const auto& row = *apply.kept();
  EXPECT_EQ(row.stanza().to(), to);  // §8.5.2.1.1: not rewritten
  if (!row.resource().empty()) return 'D';
  EXPECT_TRUE(row.inbox());
  int due = 0;
  for (const auto& session : bob.sessions_) due += session->entitled() ? 1 : 0;
  if (due == 0) return row.offline() ? 'O' : 'S';
  return due == 1 ? 'D' : 'A';
}

// A cell: what the text allows, and after the colon what Iris does. M is served by A: every resource is among the most
// available ones. Table 1 wants chat to go to all only if clients can opt in; having several clients is taken as that.
struct Row {
  const There& there;
  const char* to;
  const char* normal;
  const char* chat;
  const char* groupchat;
  const char* headline;
  const char* error;  // §8.5.2, §8.5.3: silence, but to the very resource
};

TEST(DeliveryRules, Table1Messages) {
  const auto bare = "bob@localhost", match = "bob@localhost/match", gone = "bob@localhost/gone";
  const std::vector<Row> rows{
      {kNoAccount, bare, "S/E:E", "S/E:E", "E:E", "S:S", "S:S"},
      {kNoAccount, gone, "S/E:E", "S/E:E", "S/E:E", "S/E:S", "S:S"},
      {kNobody, bare, "O/E:O", "O/E:O", "E:E", "S:S", "S:S"},
      {kNobody, gone, "S/E:E", "O/E:O", "S/E:E", "S/E:S", "S:S"},
      {kNegative, bare, "O/E:O", "O/E:O", "E:E", "S:S", "S:S"},
      {kNegative, match, "D:D", "D:D", "D:D", "D:D", "D:D"},
      {kNegative, gone, "S/E:E", "O/E:O", "S/E:E", "S/E:S", "S:S"},
      {kOne, bare, "D:D", "D:D", "E:E", "D:D", "S:S"},
      {kOne, match, "D:D", "D:D", "D:D", "D:D", "D:D"},
      {kOne, gone, "S/E:E", "D:D", "S/E:E", "S/E:S", "S:S"},
      {kSeveral, bare, "M/A:A", "M/A:A", "E:E", "A:A", "S:S"},
      {kSeveral, match, "D:D", "D/A:D", "D:D", "D:D", "D:D"},
      {kSeveral, gone, "S/E:E", "M/A:A", "S/E:E", "S/E:S", "S:S"},
  };
  for (const auto& row : rows)
    for (const auto& [type, cell] : std::map<std::string, std::string>{{"normal", row.normal},
                                                                       {"chat", row.chat},
                                                                       {"groupchat", row.groupchat},
                                                                       {"headline", row.headline},
                                                                       {"error", row.error}}) {
      SCOPED_TRACE(std::string(row.there.name) + ", to " + row.to + ", " + type);
      const auto colon = cell.find(':');
      const char ours = cell[colon + 1];
      EXPECT_NE(cell.substr(0, colon).find(ours), std::string::npos) << "the table itself is wrong";
      Stage stage;
      stage.bind(kAlice);
      enter(stage, row.there);
      EXPECT_EQ(outcome(stage, row.to, type), ours);
    }
}

// Presence that says where somebody is: §8.5.1, §8.5.2.1.2, §8.5.2.2.2, §8.5.3.1, §8.5.3.2.2.
struct PresenceRow {
  const There& there;
  const char* to;
  std::vector<std::string> reached;  // resources
};

TEST(DeliveryRules, Presence) {
  const auto bare = "bob@localhost", match = "bob@localhost/match", gone = "bob@localhost/gone";
  for (const auto& row : std::vector<PresenceRow>{
           {kNoAccount, bare, {}},
           {kNoAccount, gone, {}},
           {kNobody, bare, {}},
           {kNobody, gone, {}},
           {kNegative, bare, {"match", "other"}},
           {kNegative, match, {"match"}},
           {kNegative, gone, {}},
           {kOne, bare, {"match", "other"}},
           {kOne, match, {"match"}},
           {kOne, gone, {}},
           {kSeveral, bare, {"match", "other", "third"}},
           {kSeveral, match, {"match"}},
           {kSeveral, gone, {}},
       })
    for (const std::string type : {"", "unavailable"}) {
      SCOPED_TRACE(std::string(row.there.name) + ", to " + row.to + ", " + type);
      Stage stage;
      stage.bind(kAlice);
      enter(stage, row.there);
      stage.send(kAlice, std::string("<presence to='") + row.to + (type.empty() ? "" : "' type='" + type) + "'/>");
      std::vector<std::string> reached;
      for (const auto& [resource, _] : row.there.resources)
        for (const auto& seen : stage.read(std::string("bob@localhost/") + resource)) {
          EXPECT_EQ(mismatch(seen, std::string("<presence from='alice@localhost/one' to='") + row.to + "'/>"), "");
          reached.push_back(resource);
        }
      EXPECT_EQ(reached, row.reached);
      EXPECT_TRUE(are(stage.read(kAlice), {}));
    }
}

// Subscription stanzas reach an account and are dealt with by appendix A, whoever is there; without an account they are
// silently ignored (§8.5.1). They never go to one resource (§3.1.2).
TEST(DeliveryRules, SubscriptionStanzas) {
  for (const auto* there : {&kNoAccount, &kNobody, &kNegative, &kOne, &kSeveral})
    for (const auto* to : {"bob@localhost", "bob@localhost/match"}) {
      SCOPED_TRACE(std::string(there->name) + ", to " + to);
      Stage stage;
      stage.bind(kAlice);
      enter(stage, *there);
      stage.send(kAlice, std::string("<presence type='subscribe' to='") + to + "'/>");
      EXPECT_EQ(stage.account("bob@localhost").state_.find("roster/alice@localhost") != nullptr, there->account);
      for (const auto& [resource, _] : there->resources)
        EXPECT_TRUE(are(stage.read(std::string("bob@localhost/") + resource),
                        {"<presence type='subscribe' from='alice@localhost' to='bob@localhost'/>"}));
    }
}

// §8.5.1, §8.5.2.1.3, §8.5.2.2.3: the server answers, and no resource sees it.
TEST(DeliveryRules, IqToABareJid) {
  for (const auto* there : {&kNoAccount, &kNobody, &kNegative, &kOne, &kSeveral})
    for (const auto* type : {"get", "set"}) {
      SCOPED_TRACE(std::string(there->name) + ", " + type);
      Stage stage;
      stage.bind(kAlice);
      enter(stage, *there);
      stage.send(kAlice, std::string("<iq id='i' to='bob@localhost' type='") + type + "'><x xmlns='urn:nobody'/></iq>");
      EXPECT_TRUE(are(stage.read(kAlice), {"<iq id='i' type='error' from='bob@localhost'><error type='cancel'>"
                                           "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                                           "</error></iq>"}));
      for (const auto& [resource, _] : there->resources)
        EXPECT_TRUE(are(stage.read(std::string("bob@localhost/") + resource), {}));
    }
}

}  // namespace
}  // namespace iris::module
