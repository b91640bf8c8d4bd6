#include "module/archive.h"

#include "module/account_row.h"
#include "module/expect_for_tests.h"
#include "module/stage_for_tests.h"

namespace iris::module {
namespace {

constexpr auto kAlice = "alice@localhost/one";

std::string form(std::string_view fields) {
  return std::string(
             "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
             "<value>urn:xmpp:mam:2</value></field>")
      .append(fields)
      .append("</x>");
}
std::string field(std::string_view var, std::string_view value) {
  return std::string("<field var='").append(var).append("'><value>").append(value).append("</value></field>");
}
std::string rsm(std::string_view inside) {
  return std::string("<set xmlns='http://jabber.org/protocol/rsm'>").append(inside).append("</set>");
}
std::string id(int number) { return "id-" + std::to_string(10'000'000 + number); }

// Messages 1 to 9 at 10.000001 s to 10.000009 s: odd ones received from bob/x, even ones sent to carol. Number 4 is not
// visible.
struct ArchiveTest : testing::Test {
  Stage stage;

  void SetUp() override {
    stage.login(kAlice);
    for (int i = 1; i <= 9; ++i) {
      record::ArchiveRow row;
      row.mutable_stanza()->set_type("chat");
      row.mutable_stanza()->set_from(i % 2 ? "bob@localhost/x" : kAlice);
      row.mutable_stanza()->set_to(i % 2 ? "alice@localhost" : "carol@localhost");
      row.mutable_stanza()->set_inner("<body>" + std::to_string(i) + "</body>");
      row.set_visible(i != 4);
      stage.account("alice@localhost").rows_[record::key_of(base::Stamp{10'000'000ull + i})] = row;
    }
  }

  std::vector<std::string> ask(std::string_view inside, std::string_view attributes = "") {
    stage.send(kAlice, std::string("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2' ")
                           .append(attributes)
                           .append(">")
                           .append(inside)
                           .append("</query></iq>"));
    return stage.read(kAlice);
  }

  // The numbers of the messages on the page, and "complete" if it says so; or the error's condition.
  std::string page(std::string_view inside) {
    std::string out;
    auto seen = ask(inside);
    for (const auto& xml : seen) {
      auto stanza = std::get<xml::Element>(parse_stanza_text(xml));
      if (const auto* result = stanza.child("result", "urn:xmpp:mam:2")) {
        const auto* message = result->child("forwarded", "urn:xmpp:forward:0")->child("message", "jabber:client");
        out += message->child_text("body", "jabber:client") + " ";
      } else if (const auto* fin = stanza.child("fin", "urn:xmpp:mam:2")) {
        out += fin->attribute_or("complete", "") == "true" ? "complete" : "more";
      } else if (const auto* error = stanza.child("error", "jabber:client")) {
        out += error->first_child()->name;
      }
    }
    return out;
  }
};

// §4.2
TEST_F(ArchiveTest, AResultCarriesTheMessageItsIdAndItsTime) {
  auto seen = ask(rsm("<max>1</max>"), "queryid='f27'");
  EXPECT_TRUE(
      are(seen, {"<message from='alice@localhost' to='alice@localhost/one'>"
                 "<result xmlns='urn:xmpp:mam:2' queryid='f27' id='id-10000001'><forwarded xmlns='urn:xmpp:forward:0'>"
                 "<delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:10.000001Z'/>"
                 "<message xmlns='jabber:client' type='chat' from='bob@localhost/x' to='alice@localhost'><body>1</body>"
                 "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@localhost' id='id-10000001'/></message>"
                 "</forwarded></result></message>",
                 "<iq type='result' id='q'><fin xmlns='urn:xmpp:mam:2' complete='-'>"
                 "<set xmlns='http://jabber.org/protocol/rsm'><first>id-10000001</first><last>id-10000001</last></set>"
                 "</fin></iq>"}));
}

// A page with a hole under its <fin/> would be believed: it is one delivery.
TEST_F(ArchiveTest, APageIsWholeOrRefused) {
  auto& alice = stage.account("alice@localhost");
  EXPECT_EQ(page(rsm("<max>3</max>")), "1 2 3 more");
  EXPECT_EQ(alice.wholes_, 1u);
  alice.no_room_ = true;
  EXPECT_TRUE(are(ask(rsm("<max>3</max>")), {"<iq type='error' id='q' to='alice@localhost/one'><error type='wait'>"
                                             "<resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                                             "</error></iq>"}));
  EXPECT_EQ(page(rsm("<max>0</max>")), "resource-constraint");
}

TEST_F(ArchiveTest, WithoutFilterAllThatIsVisible) { EXPECT_EQ(page(""), "1 2 3 5 6 7 8 9 complete"); }

TEST_F(ArchiveTest, PagesForwardsAndBackwards) {
  EXPECT_EQ(page(rsm("<max>3</max>")), "1 2 3 more");
  EXPECT_EQ(page(rsm("<max>3</max><after>" + id(3) + "</after>")), "5 6 7 more");
  EXPECT_EQ(page(rsm("<max>3</max><after>" + id(7) + "</after>")), "8 9 complete");
  EXPECT_EQ(page(rsm("<max>3</max><before/>")), "7 8 9 more");
  EXPECT_EQ(page(rsm("<max>3</max><before>" + id(7) + "</before>")), "3 5 6 more");
  EXPECT_EQ(page(rsm("<max>3</max><before>" + id(3) + "</before>")), "1 2 complete");
  EXPECT_EQ(page(rsm("<max>0</max>")), "more");
  EXPECT_EQ(page(rsm("<after>" + id(9) + "</after>")), "complete");
}

TEST_F(ArchiveTest, SmallReadsGiveTheSamePages) {
  stage.options.archive_scan_rows = 2;
  EXPECT_EQ(page(""), "1 2 3 5 6 7 8 9 complete");
  EXPECT_EQ(page(rsm("<max>4</max><before/>")), "6 7 8 9 more");
  EXPECT_EQ(page(form(field("with", "carol@localhost"))), "2 6 8 complete");
  EXPECT_GT(stage.account("alice@localhost").scans_, 10u);
}

TEST_F(ArchiveTest, ThePageIsLimitedByTheServerToo) {
  stage.options.archive_page_max = 3;
  EXPECT_EQ(page(rsm("<max>100</max>")), "1 2 3 more");
  stage.options.archive_page_bytes_max = 30;
  EXPECT_EQ(page(""), "1 2 more");
}

// §4.1.1
TEST_F(ArchiveTest, FiltersByAddress) {
  EXPECT_EQ(page(form(field("with", "bob@localhost"))), "1 3 5 7 9 complete");
  EXPECT_EQ(page(form(field("with", "bob@localhost/x"))), "1 3 5 7 9 complete");
  EXPECT_EQ(page(form(field("with", "bob@localhost/y"))), "complete");
  EXPECT_EQ(page(form(field("with", "alice@localhost"))), "complete");  // only what alice sent to herself
  stage.send(kAlice, "<message type='chat'><body>note</body></message>");
  stage.read(kAlice);
  EXPECT_EQ(page(form(field("with", "alice@localhost"))), "note complete");
  EXPECT_EQ(page(form(field("with", "carol@localhost")) + rsm("<max>1</max><before/>")), "8 more");
}

// §4.1.2: both ends belong to the range.
TEST_F(ArchiveTest, FiltersByTime) {
  EXPECT_EQ(page(form(field("start", "1970-01-01T00:00:10.000007Z"))), "7 8 9 complete");
  EXPECT_EQ(page(form(field("end", "1970-01-01T00:00:10.000002Z"))), "1 2 complete");
  EXPECT_EQ(page(form(field("start", "1970-01-01T00:00:10.000002Z") + field("end", "1970-01-01T00:00:10.000003Z"))),
            "2 3 complete");
  EXPECT_EQ(page(form(field("start", "2030-01-01T00:00:00Z") + field("end", "2020-01-01T00:00:00Z"))), "complete");
}

// §4.1.3
TEST_F(ArchiveTest, FiltersById) {
  EXPECT_EQ(page(form(field("after-id", id(2)) + field("before-id", id(6)))), "3 5 complete");
  EXPECT_EQ(page(form(field("ids", id(6)))), "6 complete");
  EXPECT_EQ(page(form("<field var='ids'><value>" + id(8) + "</value><value>" + id(1) + "</value></field>")),
            "1 8 complete");
}

TEST_F(ArchiveTest, AnIdThatIsNotThereFailsTheQuery) {
  for (const auto& missing : {id(77), id(4), std::string("nonsense")}) {  // 4 is not visible
    SCOPED_TRACE(missing);
    EXPECT_EQ(page(rsm("<after>" + missing + "</after>")), "item-not-found");
    EXPECT_EQ(page(rsm("<before>" + missing + "</before>")), "item-not-found");
    EXPECT_EQ(page(form(field("after-id", missing))), "item-not-found");
    EXPECT_EQ(page(form(field("before-id", missing))), "item-not-found");
    EXPECT_EQ(page(form("<field var='ids'><value>" + id(1) + "</value><value>" + missing + "</value></field>")),
              "item-not-found");
  }
}

TEST_F(ArchiveTest, WrongQueriesAreRefused) {
  EXPECT_EQ(page(form(field("colour", "red"))), "feature-not-implemented");  // §4.1.5
  EXPECT_EQ(page(form(field("start", "yesterday"))), "bad-request");
  EXPECT_EQ(page(form(field("with", "@"))), "jid-malformed");
  EXPECT_EQ(page("<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:other</value></field></x>"),
            "bad-request");
  EXPECT_EQ(page(rsm("<max>many</max>")), "bad-request");
  EXPECT_EQ(page(rsm("<index>5</index>")), "feature-not-implemented");
}

// §4.3.4: the page is the same, sent the other way round.
TEST_F(ArchiveTest, APageCanBeFlipped) {
  EXPECT_EQ(page("<flip-page/>" + rsm("<max>3</max>")), "3 2 1 more");
  auto seen = ask("<flip-page/>" + rsm("<max>3</max>"));
  EXPECT_EQ(mismatch(seen.back(),
                     "<iq><fin xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><first>id-10000001"
                     "</first><last>id-10000003</last></set></fin></iq>"),
            "");
}

// §4.1.5
TEST_F(ArchiveTest, TheFormCanBeAskedFor) {
  stage.send(kAlice, "<iq type='get' id='f'><query xmlns='urn:xmpp:mam:2'/></iq>");
  EXPECT_TRUE(are(
      stage.read(kAlice),
      {"<iq type='result' id='f'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='form'>"
       "<field type='hidden' var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field type='jid-single' var='with'/>"
       "<field type='text-single' var='start'/><field type='text-single' var='end'/>"
       "<field type='text-single' var='before-id'/><field type='text-single' var='after-id'/>"
       "<field type='list-multi' var='ids'><validate xmlns='http://jabber.org/protocol/xdata-validate' "
       "datatype='xs:string'><open/></validate></field></x></query></iq>"}));
}

// §5
TEST_F(ArchiveTest, MetadataNamesBothEnds) {
  stage.options.archive_scan_rows = 2;
  stage.send(kAlice, "<iq type='get' id='m'><metadata xmlns='urn:xmpp:mam:2'/></iq>");
  EXPECT_TRUE(
      are(stage.read(kAlice), {"<iq type='result' id='m'><metadata xmlns='urn:xmpp:mam:2'>"
                               "<start id='id-10000001' timestamp='1970-01-01T00:00:10.000001Z'/>"
                               "<end id='id-10000009' timestamp='1970-01-01T00:00:10.000009Z'/></metadata></iq>"}));
  stage.account("alice@localhost").rows_.clear();
  stage.send(kAlice, "<iq type='get' id='m'><metadata xmlns='urn:xmpp:mam:2'/></iq>");
  EXPECT_TRUE(are(stage.read(kAlice), {"<iq type='result' id='m'><metadata xmlns='urn:xmpp:mam:2'/></iq>"}));
}

// §6.1.1
TEST_F(ArchiveTest, AMessageToOneselfIsArchivedOnce) {
  auto& rows = stage.account("alice@localhost").rows_;
  for (const auto* to : {"", "to='alice@localhost'", "to='alice@localhost/one'", "to='alice@localhost/away'"}) {
    SCOPED_TRACE(to);
    rows.clear();
    stage.send(kAlice, std::string("<message type='chat' ") + to + "><body>note</body></message>");
    EXPECT_EQ(stage.read(kAlice).size(), 1u);
    EXPECT_EQ(page(""), "note complete");
  }
}

TEST_F(ArchiveTest, IsItsOwnersAlone) {
  stage.login("bob@localhost/x");
  stage.send("bob@localhost/x", "<iq type='set' id='q' to='alice@localhost'><query xmlns='urn:xmpp:mam:2'/></iq>");
  EXPECT_TRUE(
      are(stage.read("bob@localhost/x"),
          {"<iq type='error' id='q'><error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"}));
}

// A name that is taken again does not come with the letters of whoever had it before.
TEST_F(ArchiveTest, ANewAccountOfTheSameNameHasAnEmptyArchive) {
  stage.time = 11'000'000;
  stage.change("alice@localhost", record::AccountChange::REMOVE);
  stage.create("alice@localhost");
  EXPECT_EQ(page(""), "complete");
  EXPECT_EQ(page(rsm("<after>" + id(2) + "</after>")), "item-not-found");
}

TEST_F(ArchiveTest, ASessionThatLeftMeanwhileIsNotAnswered) {
  auto& alice = stage.account("alice@localhost");
  shard::Query query;
  query.request.set_type("set");
  query.own = true;
  query.session = {9, 9, 9};
  query.child_name = "query";
  query.child_ns = "urn:xmpp:mam:2";
  query.payload.payload.add(xml::Element("query", "urn:xmpp:mam:2"));
  for (auto& module : stage.modules)
    if (module->on_query(alice, query)) break;
  EXPECT_TRUE(are(stage.read(kAlice), {}));
}

}  // namespace
}  // namespace iris::module
