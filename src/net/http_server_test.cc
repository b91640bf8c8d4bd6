#include "net/http_server.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "net/test_client.h"
#include "net/test_server.h"

namespace iris::net {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

struct Answer {
  int status = 0;
  std::string head, body;
  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

class HttpServerTest : public ::testing::Test {
 protected:
  void start(HttpOptions options = {}) {
    auto listener = Listener::start(server.pool.all(), {.address = {"127.0.0.1", 0}},
                                    [this, options](const std::shared_ptr<Connection>& connection) {
                                      return make_http_handler(connection, site, options);
                                    });
    ASSERT_TRUE(listener);
    server.listener = std::move(*listener);
    server.pool.start();
  }

  static Answer read_answer(TestClient& client, bool with_body = true) {
    Answer answer;
    answer.head = client.receive_until("\r\n\r\n");
    if (answer.head.size() > 12) answer.status = std::stoi(answer.head.substr(9, 3));
    const auto length = answer.head.find("Content-Length: ");
    if (with_body && length != std::string::npos)
      answer.body = client.receive(std::stoul(answer.head.substr(length + 16)));
    return answer;
  }
  Answer get(const std::string& target, const std::string& headers = "", const std::string& method = "GET") {
    TestClient client(server.address());
    EXPECT_TRUE(client.send(method + ' ' + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n"));
    return read_answer(client, method != "HEAD");
  }

  void write(const std::string& name, const std::string& bytes) {
    fs::create_directories((server.directory / name).parent_path());
    std::ofstream(server.directory / name, std::ios::binary) << bytes;
  }

  TestServer server;
  std::shared_ptr<HttpSite> site = std::make_shared<HttpSite>();
};

TEST_F(HttpServerTest, RoutesAnswerByPathAndMethod) {
  site->route("GET", "/hello", [](const HttpRequest& r) { return HttpResponse::text(200, "hello " + r.query); });
  site->route("POST", "/hello", [](const HttpRequest& r) { return HttpResponse::json(200, "[\"" + r.body + "\"]"); });
  start();
  const Answer got = get("/hello?you");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "hello you");
  EXPECT_TRUE(got.has("Content-Type: text/plain"));
  EXPECT_TRUE(got.has(" GMT\r\n"));
  EXPECT_EQ(get("/nothing").status, 404);
  const Answer refused = get("/hello", "", "DELETE");
  EXPECT_EQ(refused.status, 405);
  EXPECT_TRUE(refused.has("Allow: GET, HEAD, POST"));

  TestClient client(server.address());
  ASSERT_TRUE(client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"));
  EXPECT_EQ(read_answer(client).body, "[\"abc\"]");
}

TEST_F(HttpServerTest, HeadIsGetWithoutTheBody) {
  site->route("GET", "/hello", [](const HttpRequest&) { return HttpResponse::text(200, "hello"); });
  start();
  TestClient client(server.address());
  ASSERT_TRUE(client.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_TRUE(read_answer(client, false).has("Content-Length: 5"));
  EXPECT_EQ(read_answer(client).body, "hello") << "the next answer follows at once";
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrderAlsoToASlowReader) {
  site->route("GET", "/big",
              [](const HttpRequest& r) { return HttpResponse::text(200, r.query + std::string(50'000, 'x')); });
  start();
  TestClient client(server.address());
  std::jthread sender([&] {
    for (int i = 100; i < 200; ++i) {
      ASSERT_TRUE(client.send("GET /big?" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n"));
    }
  });
  for (int i = 100; i < 200; ++i) ASSERT_EQ(read_answer(client).body.substr(0, 3), std::to_string(i));
}

TEST_F(HttpServerTest, AClientThatAsksForItIsLeft) {
  site->route("GET", "/", [](const HttpRequest&) { return HttpResponse::text(200, "x"); });
  start();
  TestClient close(server.address()), old(server.address());
  ASSERT_TRUE(close.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(close.receive_all().ends_with("x"));
  ASSERT_TRUE(old.send("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(old.receive_all().ends_with("x"));
}

TEST_F(HttpServerTest, TooBigAndTooSlowRequestsAreRefused) {
  start({.header_bytes_max = 2000, .body_bytes_max = 100, .request_timeout = milliseconds(50)});
  EXPECT_EQ(get("/", "X: " + std::string(3000, 'x') + "\r\n").status, 431);
  EXPECT_EQ(get("/", "Content-Length: 101\r\n", "POST").status, 413);
  EXPECT_EQ(get("/../etc/passwd").status, 400);
  TestClient slow(server.address());
  ASSERT_TRUE(slow.send("GET / HTTP/1.1\r\nHo"));
  EXPECT_EQ(read_answer(slow).status, 408);
  EXPECT_EQ(slow.receive_all(), "") << "and closed";
}

TEST_F(HttpServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  start({.idle_timeout = milliseconds(50)});
  TestClient idle(server.address());
  EXPECT_EQ(idle.receive_all(), "");
}

// Neither the time for a request nor that between requests is for one who is still taking an answer.
TEST_F(HttpServerTest, ASlowReaderGetsItsAnswerWhole) {
  constexpr std::size_t kBytes = 24u << 20;  // more than kernels hold
  site->route("GET", "/big", [](const HttpRequest&) { return HttpResponse::text(200, std::string(kBytes, 'x')); });
  ListenerOptions listen{.address = {"127.0.0.1", 0}};
  listen.connection.output_bytes_max = 2 * kBytes;
  listen.connection.close_timeout = milliseconds(1000);
  const HttpOptions options{.request_timeout = milliseconds(1000), .idle_timeout = milliseconds(1000)};
  auto listener = Listener::start(server.pool.all(), listen, [&](const std::shared_ptr<Connection>& connection) {
    return make_http_handler(connection, site, options);
  });
  ASSERT_TRUE(listener);
  server.listener = std::move(*listener);
  server.pool.start();
  for (const char* connection : {"keep-alive", "close"}) {
    TestClient client(server.address());
    ASSERT_TRUE(client.send("GET /big HTTP/1.1\r\nHost: h\r\n"));
    ASSERT_TRUE(client.send("Connection: " + std::string(connection) + "\r\n\r\n"));
    std::size_t got = 0;
    for (auto some = client.receive_some(256 << 10); !some.empty(); some = client.receive_some(256 << 10)) {
      got += some.size();
      ::poll(nullptr, 0, 30);  // a slow reader: three seconds in all
    }
    EXPECT_GT(got, kBytes) << connection;
    EXPECT_LT(got, kBytes + 400) << connection << ": and nothing behind it";
  }
}

TEST_F(HttpServerTest, FilesOfADirectoryAndNothingElse) {
  write("secret", "outside");
  write("web/index.html", "<p>hi");
  write("web/app.js", "let x");
  write("web/deep/er/index.html", "deep");
  write("web/.hidden", "no");
  write("web/.git/config", "no");
  fs::create_symlink(server.directory / "secret", server.directory / "web/link-out");
  fs::create_symlink(server.directory / "web/app.js", server.directory / "web/link-in.js");
  fs::create_directory_symlink(server.directory, server.directory / "web/up");
  auto files = StaticFiles::load(server.directory / "web");
  ASSERT_TRUE(files);
  site->files("/", *files, {{"Content-Security-Policy", "default-src 'self'"}});
  site->files("/other/", *files);
  start();

  const Answer index = get("/");
  EXPECT_EQ(index.body, "<p>hi");
  EXPECT_TRUE(index.has("Content-Type: text/html; charset=utf-8"));
  EXPECT_TRUE(index.has("Content-Security-Policy: default-src 'self'"));
  EXPECT_TRUE(get("/app.js").has("text/javascript"));
  EXPECT_EQ(get("/link-in.js").body, "let x");
  EXPECT_EQ(get("/deep/er/").body, "deep");
  EXPECT_FALSE(get("/other/app.js").has("Content-Security-Policy"));
  EXPECT_EQ(get("/app.js", "", "POST").status, 405);
  EXPECT_EQ(get("/app.js", "", "HEAD").status, 200);
  for (const char* path :
       {"/link-out", "/up/secret", "/.hidden", "/.git/config", "/deep", "/../secret", "/%2e%2e/secret", "/..%2fsecret",
        "//secret", "/deep/../../secret", "/..\\secret", "/app.js/"}) {
    const Answer answer = get(path);
    EXPECT_TRUE(answer.status == 404 || answer.status == 400) << path << ' ' << answer.status;
    EXPECT_EQ(answer.body.find("outside"), std::string::npos) << path;
  }
}

TEST_F(HttpServerTest, AnUnchangedFileIsNotSentAgain) {
  write("web/a.txt", "text");
  auto files = StaticFiles::load(server.directory / "web");
  ASSERT_TRUE(files);
  site->files("/", *files);
  start();
  const Answer first = get("/a.txt");
  const auto begin = first.head.find("ETag: ") + 6;
  const std::string etag = first.head.substr(begin, first.head.find("\r\n", begin) - begin);
  const Answer again = get("/a.txt", "If-None-Match: \"other\", W/" + etag + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_FALSE(again.has("Content-Length"));
  EXPECT_EQ(get("/a.txt", "If-None-Match: \"other\"\r\n").status, 200);
}

TEST(StaticFiles, ADirectoryBeyondItsLimitIsRefused) {
  TestServer server;
  std::ofstream(server.directory / "big.txt") << std::string(1000, 'x');
  std::ofstream(server.directory / "small.txt") << "x";
  EXPECT_FALSE(StaticFiles::load(server.directory, {.total_bytes_max = 500}));
  const auto without_big = StaticFiles::load(server.directory, {.file_bytes_max = 500});
  ASSERT_TRUE(without_big);
  EXPECT_FALSE((*without_big)->find("big.txt", ""));
  EXPECT_TRUE((*without_big)->find("small.txt", ""));
  EXPECT_FALSE(StaticFiles::load(server.directory / "nowhere"));
}

}  // namespace
}  // namespace iris::net
