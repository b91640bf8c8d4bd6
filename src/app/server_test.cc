// A whole server in this process, on a folder of its own and free ports.
#include "app/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <sstream>

#include "admin/admin_socket.h"
#include "app/config_file.h"
#include "app/files.h"
#include "app/init.h"
#include "app/irisctl.h"
#include "app/irisctl_import.h"
#include "app/server_for_tests.h"
#include "io/system_random.h"
#include "xmpp/base64.h"
#include "xmpp/scram.h"

namespace iris::app {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::json;

TEST_F(ServerTest, IrisctlSaysWhatToDoWhenNoServerRuns) {
  EXPECT_EQ(irisctl({"status"}), 3);
  EXPECT_THAT(err_, HasSubstr("Start it: irisd --config " + data_ + "/iris.toml"));
  EXPECT_EQ(irisctl({"--json", "status"}), 3);
  EXPECT_EQ(Json::parse(out_)["code"], "unavailable");
}

TEST_F(ServerTest, IrisctlRefusesAWrongCommandLine) {
  EXPECT_EQ(irisctl({"account", "add", "juliet"}), 2);
  EXPECT_THAT(err_, HasSubstr("--password"));
  EXPECT_EQ(irisctl({"acount", "list"}), 2);
  EXPECT_THAT(err_, HasSubstr("'acount' is no command. Did you mean 'account'?"));
  EXPECT_EQ(irisctl({"account", "lst"}), 2);
  EXPECT_THAT(err_, HasSubstr("'lst' is no 'account' command. Did you mean 'account list'?"));
  EXPECT_EQ(irisctl({"account"}), 2);
  EXPECT_THAT(err_, HasSubstr("'account' and one of: add, password, delete, list, import, export."));
  EXPECT_EQ(irisctl({"account", "list", "--jsn"}), 2);
  EXPECT_THAT(err_, HasSubstr("'--jsn' is no option. Did you mean '--json'?"));
  EXPECT_EQ(irisctl({"session", "end"}), 2);
  EXPECT_THAT(err_, HasSubstr("JID or --all"));
  EXPECT_EQ(irisctl({"frobnicate"}), 2);
  EXPECT_THAT(err_, HasSubstr("There are: account, session, status."));
}

TEST_F(ServerTest, AccountsAreMadeChangedListedAndDeleted) {
  ASSERT_EQ(start(config()), "");
  EXPECT_EQ(irisctl({"account", "add", "Juliet@localhost", "--password", "secret"}), 0) << err_;
  EXPECT_EQ(out_, "added juliet@localhost\n");
  EXPECT_EQ(irisctl({"account", "add", "romeo", "--password", "secret", "--json"}), 0) << err_;
  EXPECT_EQ(Json::parse(out_)["result"]["user"], "romeo@localhost");
  EXPECT_EQ(irisctl({"account", "add", "romeo", "--password", "secret"}), 1);
  EXPECT_THAT(err_, HasSubstr("romeo@localhost exists already"));
  EXPECT_EQ(irisctl({"account", "password", "romeo", "--password", "other"}), 0) << err_;
  EXPECT_EQ(irisctl({"account", "password", "nobody", "--password", "other"}), 1);
  EXPECT_THAT(err_, HasSubstr("there is no account nobody@localhost"));
  EXPECT_EQ(irisctl({"account", "add", "a@b@c", "--password", "x"}), 1);
  EXPECT_EQ(irisctl({"account", "add", "juliet@example.org", "--password", "x"}), 1);
  EXPECT_THAT(err_, HasSubstr("accounts of this server are @localhost"));
  EXPECT_EQ(irisctl({"account", "delete", "juliet"}), 0) << err_;
  EXPECT_EQ(irisctl({"account", "list"}), 0) << err_;
  EXPECT_EQ(out_, "romeo@localhost\n");
  EXPECT_EQ(irisctl({"status", "--json"}), 0) << err_;
  EXPECT_EQ(Json::parse(out_)["result"]["partitions_owned"], 64);
}

TEST_F(ServerTest, AccountsSurviveARestart) {
  ASSERT_EQ(start(config()), "");
  EXPECT_EQ(irisctl({"account", "add", "juliet", "--password", "secret"}), 0) << err_;
  EXPECT_TRUE(server_->stop());
  server_.reset();
  ASSERT_EQ(start(config()), "");
  EXPECT_EQ(irisctl({"account", "add", "juliet", "--password", "secret"}), 1);
  EXPECT_EQ(irisctl({"account", "list"}), 0);
  EXPECT_EQ(out_, "juliet@localhost\n");
}

TEST_F(ServerTest, ImportMakesManyAndReportsBadLines) {
  ASSERT_EQ(start(config()), "");
  const auto keys = *xmpp::derive_keys(xmpp::ScramHash::sha256, "pw", "0123456789abcdef", 4096);
  std::ostringstream csv;
  for (int i = 0; i < 600; ++i)
    csv << "user" << i << "@localhost,SCRAM-SHA-256,4096," << xmpp::base64_encode(keys.salt) << ","
        << xmpp::base64_encode(keys.stored_key) << "," << xmpp::base64_encode(keys.server_key) << "\n";
  csv << "plain@localhost,a password\nuser7@localhost,again\nsomebody@elsewhere,pw\nbroken\n"
      << "short@localhost,SCRAM-SHA-256,4096,c2FsdA==,c2hvcnQ=,c2hvcnQ=\n";
  EXPECT_EQ(irisctl({"--json", "account", "import", write_csv(csv.str())}), 1);
  const Json result = Json::parse(out_)["result"];
  EXPECT_EQ(result["added"], 601);
  ASSERT_EQ(result["failed"].size(), 4u) << result.dump();
  EXPECT_EQ(result["failed"][0]["line"], 602);
  EXPECT_THAT(result["failed"][0]["error"].get<std::string>(), HasSubstr("exists already"));
  EXPECT_THAT(result["failed"][1]["error"].get<std::string>(), HasSubstr("@localhost, not @elsewhere"));
  EXPECT_THAT(result["failed"][3]["error"].get<std::string>(), HasSubstr("32 bytes"));
  EXPECT_EQ(irisctl({"--json", "account", "list"}), 0);
  EXPECT_EQ(Json::parse(out_)["result"]["accounts"].size(), 601u);
}

TEST_F(ServerTest, AnotherDomainOrOtherSecretsAreRefused) {
  ASSERT_EQ(start(config()), "");
  EXPECT_TRUE(server_->stop());
  server_.reset();
  Config other = config();
  other.domain = "example.org";
  EXPECT_THAT(start(other), HasSubstr("the data is of the domain 'localhost'"));
  server_.reset();
  std::filesystem::remove(data_ + "/secrets");
  EXPECT_THAT(start(config()), HasSubstr("'secrets' is not the one"));
}

TEST_F(ServerTest, AnotherNumberOfPartitionsIsRefused) {
  ASSERT_EQ(start(config()), "");
  EXPECT_TRUE(server_->stop());
  server_.reset();
  Config other = config();
  other.shard.partitions = 32;
  EXPECT_THAT(start(other), HasSubstr("64"));
}

TEST_F(ServerTest, AMissingCertificateIsNamed) {
  Config without = config();
  without.certificate = data_ + "/nothing.pem";
  EXPECT_THAT(start(without), HasSubstr("nothing.pem"));
}

TEST_F(ServerTest, AMissingWebFolderIsNamed) {
  Config without = config();
  without.web = data_ + "/nothing";
  EXPECT_THAT(start(without), HasSubstr("http.web"));
}

// A blocking client: the test's main thread may wait.
class Client {
 public:
  explicit Client(const net::Address& address) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  ~Client() { ::close(fd_); }
  void send(const std::string& text) {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  // Until `end` was read, or the server closed.
  std::string read_until(const std::string& end) {
    std::string out;
    char buffer[4096];
    while (out.find(end) == std::string::npos) {
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      out.append(buffer, static_cast<std::size_t>(got));
    }
    return out;
  }
  std::string get(const std::string& path) {
    send("GET " + path + " HTTP/1.1\r\nHost: chat.example:1234\r\nConnection: close\r\n\r\n");
    return read_until("nothing ends like this");
  }
  void open_stream() {
    send(
        "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>");
    EXPECT_THAT(read_until("</stream:features>"), HasSubstr("<starttls"));
  }

 private:
  const int fd_;
};

// RFC 6455 §7.1.7, RFC 7395 §3.5: the stream says what is wrong, and the WebSocket is closed with the code for it.
TEST_F(ServerTest, AWebSocketThatBreaksItsProtocolIsClosedWithTheCodeForIt) {
  ASSERT_EQ(start(config()), "");
  Client client(*server_->address_of("http"));
  client.send(
      "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("HTTP/1.1 101"));
  client.send("\x81\x02hi");                                      // not masked
  const std::string out = client.read_until("\x88\x02\x03\xea");  // 1002
  EXPECT_THAT(out, HasSubstr("<bad-format"));
  EXPECT_THAT(out, HasSubstr("\x88\x02\x03\xea"));
}

TEST_F(ServerTest, ServesTheWebSide) {
  Config with = config();
  with.web = data_ + "/web";
  with.edge.registration = edge::Registration::loopback;
  ASSERT_TRUE(make_folder(with.web, 0700));
  ASSERT_TRUE(write_file(with.web + "/index.html", "<p>Iris</p>", 0600));
  ASSERT_EQ(start(with), "");
  const net::Address http = *server_->address_of("http");
  const std::string page = Client(http).get("/");
  EXPECT_THAT(page, HasSubstr("<p>Iris</p>"));
  EXPECT_THAT(page, HasSubstr("Content-Security-Policy: default-src 'self'"));
  EXPECT_THAT(Client(http).get("/.well-known/host-meta"), HasSubstr("ws://chat.example:1234/ws"));
  EXPECT_THAT(Client(http).get("/.well-known/host-meta.json"), HasSubstr("Access-Control-Allow-Origin: *"));
  EXPECT_THAT(Client(http).get("/client.json"), HasSubstr(R"({"domain":"localhost","registration":true})"));
  EXPECT_THAT(Client(http).get("/secrets"), HasSubstr("404"));
  EXPECT_THAT(Client(http).get("/ws"), HasSubstr("HTTP/1.1 4"));
  const net::Address metrics = *server_->address_of("metrics");
  EXPECT_THAT(Client(metrics).get("/readyz"), HasSubstr("200 OK"));
  EXPECT_THAT(Client(metrics).get("/metrics"), HasSubstr("iris_partitions{state=\"owned\"}"));
  EXPECT_THAT(server_->describe(), HasSubstr("http://" + http.to_string() + "/"));
}

TEST_F(ServerTest, CountsWhatOperatorsLookAt) {
  ASSERT_EQ(start(config()), "");
  const std::string page = Client(*server_->address_of("metrics")).get("/metrics");
  for (const char* name :
       {"iris_stanzas_total{kind=\"message\",outcome=\"logged\"}", "iris_sessions{state=\"attached\"}",
        "iris_log_append_seconds_bucket{kind=\"append\",le=", "iris_shard_apply_seconds_bucket{le=",
        "iris_log_queue_operations ", "iris_bus_queue_messages ", "iris_shard_queue_messages{queue=\"records\"}",
        "iris_store_queue_reads ", "iris_store_read_seconds_bucket{kind=\"row\",le=",
        "iris_stream_errors_total{condition=\"policy-violation\"}", "iris_stanza_errors_total{condition=\"forbidden\"}",
        "iris_shard_stanza_errors_total{condition=\"service-unavailable\"}", "iris_loop_busy_seconds_total{loop="})
    EXPECT_THAT(page, HasSubstr(name));
}

// Logs in by PLAIN without TLS and binds.
std::string bind(Client& client, const std::string& user, const std::string& resource) {
  client.send(
      "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams'>");
  client.read_until("</stream:features>");
  client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
              xmpp::base64_encode('\0' + user + '\0' + "secret") + "</auth>");
  client.read_until("<success");
  client.send(
      "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams'>");
  client.read_until("</stream:features>");
  client.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + resource +
              "</resource></bind></iq>");
  return client.read_until("</iq>");
}

TEST_F(ServerTest, SessionsAreListedAndEnded) {
  Config with = config();
  with.edge.allow_plaintext = true;
  ASSERT_EQ(start(with), "");
  EXPECT_EQ(irisctl({"session", "list"}), 0);
  EXPECT_EQ(out_, "no sessions\n");
  for (const char* user : {"juliet", "romeo"})
    ASSERT_EQ(irisctl({"account", "add", user, "--password", "secret"}), 0) << err_;
  const net::Address at = *server_->address_of("starttls");
  Client balcony(at), chamber(at), orchard(at);
  EXPECT_THAT(bind(balcony, "juliet", "balcony"), HasSubstr("juliet@localhost/balcony"));
  EXPECT_THAT(bind(chamber, "juliet", "chamber"), HasSubstr("juliet@localhost/chamber"));
  EXPECT_THAT(bind(orchard, "romeo", "orchard"), HasSubstr("romeo@localhost/orchard"));
  EXPECT_EQ(irisctl({"session", "list", "--json"}), 0) << err_;
  const Json all = Json::parse(out_)["result"]["sessions"];
  ASSERT_EQ(all.size(), 3u) << all.dump();
  EXPECT_EQ(all[0]["connected"], true);
  EXPECT_THAT(all[0]["peer"].get<std::string>(), HasSubstr("127.0.0.1:"));
  EXPECT_EQ(irisctl({"session", "list", "Juliet"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("juliet@localhost/chamber"));
  EXPECT_THAT(out_, Not(HasSubstr("romeo")));

  EXPECT_EQ(irisctl({"session", "end", "juliet@localhost/balcony", "--reason", "the nurse calls"}), 0) << err_;
  EXPECT_EQ(out_, "ended 1 session\n");
  const std::string told = balcony.read_until("</stream:stream>");
  EXPECT_THAT(told, HasSubstr("policy-violation"));
  EXPECT_THAT(told, HasSubstr("the nurse calls"));
  EXPECT_EQ(irisctl({"session", "end", "juliet@localhost/balcony"}), 1);
  EXPECT_THAT(err_, HasSubstr("juliet@localhost/balcony has no session here"));
  EXPECT_EQ(irisctl({"session", "end", "x@example.org"}), 1);
  EXPECT_EQ(irisctl({"session", "end", "--all", "--json"}), 0) << err_;
  EXPECT_EQ(Json::parse(out_)["result"]["ended"], 2);
  EXPECT_THAT(chamber.read_until("</stream:stream>"), HasSubstr("ended by an operator"));
  EXPECT_THAT(orchard.read_until("</stream:stream>"), HasSubstr("policy-violation"));
  EXPECT_EQ(irisctl({"session", "list"}), 0);
  EXPECT_EQ(out_, "no sessions\n");
}

bool told(const std::string& file, const std::string& what) {
  const auto text = read_file(file);
  return text && text->find(what) != std::string::npos;
}

// XEP-0227: what was exported and deleted is there again: keys, contacts, archive with its times, what nobody has read.
TEST_F(ServerTest, AnAccountIsExportedAndImported) {
  Config with = config();
  with.edge.allow_plaintext = true;
  ASSERT_EQ(start(with), "");
  for (const char* user : {"juliet", "romeo"})
    ASSERT_EQ(irisctl({"account", "add", user, "--password", "secret"}), 0) << err_;
  const net::Address at = *server_->address_of("starttls");
  const std::string mam = "<iq type='set' id='m'><query xmlns='urn:xmpp:mam:2'/></iq>";
  std::string before;
  {
    Client juliet(at);
    bind(juliet, "juliet", "balcony");
    juliet.send(
        "<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='nurse@localhost' name='N &amp; N'>"
        "<group>House</group></item></query></iq>");
    juliet.read_until("id='r'");
    juliet.send("<message type='chat' id='m1' to='romeo@localhost'><body>wherefore art thou</body></message>" + mam);
    before = juliet.read_until("<fin");
    while (before.find("wherefore") == std::string::npos) juliet.send(mam), before = juliet.read_until("<fin");
    juliet.send("</stream:stream>");
    juliet.read_until("</stream:stream>");
  }
  const auto stamp_in = [](const std::string& text) {
    const auto from = text.find("<delay xmlns='urn:xmpp:delay' stamp='");
    return from == std::string::npos ? "" : text.substr(from, 70);
  };
  const std::string file = data_ + "/juliet.xml", other = data_ + "/romeo.xml";
  ASSERT_EQ(irisctl({"account", "export", "juliet", file}), 0) << err_;
  for (int i = 0; i < 1000 && !told(other, "<offline-messages>\n<message"); ++i)  // on its way
    ASSERT_EQ(irisctl({"account", "export", "romeo", other, "--json"}), 0) << err_;
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const std::string text = *read_file(file);
  for (const char* part : {"<host jid='localhost'>", "<user name='juliet'>", "mechanism='SCRAM-SHA-256'",
                           "<stored-key>", "nurse@localhost", "wherefore", "<archive xmlns='urn:xmpp:pie:0#mam'>"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(*read_file(other), HasSubstr("<offline-messages>\n<message"));
  EXPECT_EQ(irisctl({"account", "import", file}), 1);
  EXPECT_THAT(err_, HasSubstr("juliet@localhost exists already"));

  for (const char* user : {"juliet", "romeo"}) ASSERT_EQ(irisctl({"account", "delete", user}), 0) << err_;
  EXPECT_EQ(irisctl({"account", "export", "juliet", file + ".no"}), 1);
  ASSERT_EQ(irisctl({"account", "import", file}), 0) << err_;
  EXPECT_EQ(out_, "added 1 accounts, with 1 archived messages\n") << err_;
  ASSERT_EQ(irisctl({"account", "import", other, "--json"}), 0) << err_ << out_;
  EXPECT_EQ(Json::parse(out_)["result"]["ignored"].size(), 0u) << out_;
  Client again(at), romeo(at);
  EXPECT_THAT(bind(again, "juliet", "balcony"), HasSubstr("juliet@localhost/balcony"));
  again.send("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
  EXPECT_THAT(again.read_until("</iq>"), HasSubstr("N &amp; N"));
  again.send(mam);
  const std::string after = again.read_until("<fin");
  EXPECT_THAT(after, HasSubstr("wherefore"));
  EXPECT_EQ(stamp_in(after), stamp_in(before));
  // He had not read it. It comes once, though it is in his archive too.
  bind(romeo, "romeo", "orchard");
  romeo.send("<presence/>");
  EXPECT_THAT(romeo.read_until("wherefore art thou"), HasSubstr("wherefore"));
  romeo.send(mam);
  const std::string archive = romeo.read_until("<fin");
  EXPECT_EQ(archive.find("wherefore"), archive.rfind("wherefore")) << archive;
}

TEST_F(ServerTest, AnImportOfXmlSaysWhatIsWrongWithIt) {
  ASSERT_EQ(start(config()), "");
  const auto import = [&](const std::string& text) { return irisctl({"account", "import", write_csv(text)}); };
  EXPECT_EQ(import("<server-data xmlns='urn:xmpp:pie:0'><host jid='localhost'><user name='a'>"), 1);
  EXPECT_THAT(err_, HasSubstr("accounts.csv: not-well-formed"));
  EXPECT_EQ(import("<html/>"), 1);
  EXPECT_THAT(err_, HasSubstr("<html/>"));
  EXPECT_EQ(import("<server-data xmlns='urn:xmpp:pie:0'><host jid='example.org'><user name='a' password='b'/></host>"
                   "<host jid='localhost'><user name='b'/><user name='c' password='d'><x xmlns='urn:x'/></user></host>"
                   "</server-data>"),
            1);
  EXPECT_THAT(err_, HasSubstr("a@example.org: accounts of this server are @localhost"));
  EXPECT_THAT(err_, HasSubstr("b@localhost: has neither keys"));
  EXPECT_THAT(err_, HasSubstr("c@localhost: ignored: <x xmlns='urn:x'/>"));
  EXPECT_THAT(err_, HasSubstr("added 1 accounts"));
  // XInclude (XEP-0227 §5)
  ASSERT_TRUE(make_folder(data_ + "/localhost", 0700));
  ASSERT_TRUE(write_file(data_ + "/localhost.xml",
                         "<?xml version='1.0'?><host xmlns='urn:xmpp:pie:0' jid='localhost' "
                         "xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='localhost/e.xml'/></host>",
                         0600));
  ASSERT_TRUE(write_file(data_ + "/localhost/e.xml", "<user xmlns='urn:xmpp:pie:0' name='e' password='f'/>", 0600));
  EXPECT_EQ(import("<server-data xmlns='urn:xmpp:pie:0' xmlns:xi='http://www.w3.org/2001/XInclude'>"
                   "<xi:include href='localhost.xml'/></server-data>"),
            0)
      << err_;
  EXPECT_EQ(irisctl({"account", "list"}), 0);
  EXPECT_EQ(out_, "c@localhost\ne@localhost\n");
}

TEST_F(ServerTest, StatusTellsHowTheServerDoes) {
  ASSERT_EQ(start(config()), "");
  ASSERT_EQ(irisctl({"status", "--json"}), 0) << err_;
  const Json status = Json::parse(out_)["result"];
  EXPECT_EQ(status["ready"], true);
  EXPECT_EQ(status["partitions"], 64);
  EXPECT_TRUE(status.contains("lag_records_of_worst"));
  EXPECT_GT(status["memory_bytes"], 1 << 20);
  EXPECT_GT(status["store_bytes"], 0);
  EXPECT_GT(status["certificate_days_left"], 300);
  EXPECT_TRUE(status["queues"].contains("log_queue_operations")) << status.dump(2);
  EXPECT_EQ(irisctl({"status"}), 0);
  EXPECT_TRUE(out_.starts_with("version ")) << out_;
}

TEST_F(ServerTest, AReloadTakesWhatCanChangeLiveAndNothingElse) {
  Config with = config();
  ASSERT_EQ(start(with), "");
  const net::Address http = *server_->address_of("http");
  EXPECT_THAT(Client(http).get("/client.json"), HasSubstr("\"registration\":false"));
  with.edge.registration = edge::Registration::loopback;
  with.listener.connections_per_ip_max = 7;
  with.shard.roster_items_max = 99;
  auto changes = server_->reload(with);
  ASSERT_TRUE(changes) << changes.error().message;
  EXPECT_THAT(changes->taken, ::testing::ElementsAre("listen.connections_per_ip_max", "auth.registration"));
  EXPECT_THAT(changes->waiting, ::testing::ElementsAre("account.roster_items_max"));
  EXPECT_THAT(Client(http).get("/client.json"), HasSubstr("\"registration\":true"));
  Client stranger(*server_->address_of("direct_tls"));
  with.certificate = data_ + "/nothing.pem";
  with.edge.registration = edge::Registration::closed;
  changes = server_->reload(with);
  ASSERT_FALSE(changes);
  EXPECT_THAT(changes.error().message, HasSubstr("nothing.pem"));
  EXPECT_THAT(Client(http).get("/client.json"), HasSubstr("\"registration\":true"));
}

TEST_F(ServerTest, SaysGoodbyeToClientsWhenItStops) {
  ASSERT_EQ(start(config()), "");
  Client client(*server_->address_of("starttls"));
  client.open_stream();
  EXPECT_TRUE(server_->stop());
  EXPECT_THAT(client.read_until("</stream:stream>"), HasSubstr("system-shutdown"));
}

TEST_F(ServerTest, EndsWithClientsThatAreStillThere) {
  ASSERT_EQ(start(config()), "");
  Client client(*server_->address_of("starttls")), silent(*server_->address_of("direct_tls")),
      web(*server_->address_of("http"));
  client.open_stream();
  server_.reset();
  EXPECT_EQ(client.read_until(">"), "");
}

TEST_F(ServerTest, StopsAtOnceWhileItStarts) {
  auto secrets = read_or_make_secrets(data_, io::system_random());
  auto opened = Server::open(config(), *secrets, [](const base::Error&) {});
  ASSERT_TRUE(opened);
  server_ = std::move(opened).value();
  server_->start([] {});
  server_->stop();
}

}  // namespace
}  // namespace iris::app
