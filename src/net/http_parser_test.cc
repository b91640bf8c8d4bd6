#include "net/http_parser.h"

#include <gtest/gtest.h>

namespace iris::net {
namespace {

using Outcome = HttpParser::Outcome;

// The outcome of `bytes`, fed in pieces of `piece`.
Outcome parse(HttpParser& parser, std::string_view bytes, std::size_t piece = 1 << 20) {
  Outcome outcome = Outcome::need_more;
  while (!bytes.empty() && outcome == Outcome::need_more) {
    parser.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    outcome = parser.next();
  }
  return outcome;
}

TEST(HttpParser, ARequestInAnyPieces) {
  const std::string bytes =
      "POST /a%20b?x=1&y HTTP/1.1\r\nHost: iris.example\r\nX-Thing: one\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t piece : {1, 2, 3, 7, 1000}) {
    HttpParser parser(1000, 1000);
    ASSERT_EQ(parse(parser, bytes, piece), Outcome::request) << piece;
    EXPECT_EQ(parser.request().method, "POST");
    EXPECT_EQ(parser.request().path, "/a b");
    EXPECT_EQ(parser.request().query, "x=1&y");
    EXPECT_EQ(parser.request().header("x-thing"), "one");
    EXPECT_EQ(parser.request().body, "hello");
    EXPECT_TRUE(parser.keep_alive());
    EXPECT_FALSE(parser.in_request());
  }
}

TEST(HttpParser, PipelinedRequestsComeOneAfterTheOther) {
  HttpParser parser(1000, 1000);
  parser.feed("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nrest");
  ASSERT_EQ(parser.next(), Outcome::request);
  EXPECT_EQ(parser.request().path, "/1");
  ASSERT_EQ(parser.next(), Outcome::request);
  EXPECT_EQ(parser.request().path, "/2");
  EXPECT_FALSE(parser.keep_alive());
  EXPECT_EQ(parser.take_rest(), "rest");
}

TEST(HttpParser, AHeaderIsAsLongAsItMayBeHoweverItComes) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: h\r\nX: ", end = "\r\n\r\n";
  for (std::size_t piece : {1, 7, 100, 100'000}) {
    for (std::size_t length : {1000, 1001}) {
      HttpParser parser(1000, 1000);
      const std::string header = begin + std::string(length - begin.size() - end.size(), 'a') + end;
      EXPECT_EQ(parse(parser, header, piece), length == 1000 ? Outcome::request : Outcome::error) << piece;
      EXPECT_EQ(parser.status(), length == 1000 ? 0 : 431) << piece;
    }
  }
}

TEST(HttpParser, LimitsHoldInAnyPieces) {
  for (std::size_t piece : {1, 100, 100'000}) {
    HttpParser long_line(1000, 1000), many_fields(1000, 1000), no_end(1000, 1000), long_body(1000, 1000);
    EXPECT_EQ(parse(long_line, "GET /" + std::string(2000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", piece),
              Outcome::error);
    EXPECT_EQ(long_line.status(), 431);
    std::string fields;
    for (int i = 0; i < 200; ++i) fields += "X-" + std::to_string(i) + ": y\r\n";
    EXPECT_EQ(parse(many_fields, "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n", piece), Outcome::error);
    EXPECT_EQ(many_fields.status(), 431);
    EXPECT_EQ(parse(no_end, std::string(5000, 'a'), piece), Outcome::error);
    EXPECT_EQ(
        parse(long_body, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'b'), piece),
        Outcome::error);
    EXPECT_EQ(long_body.status(), 413);
    EXPECT_EQ(long_body.next(), Outcome::error) << "nothing follows";
  }
}

TEST(HttpParser, ChunkedBodiesAreNotTaken) {
  for (std::size_t piece : {1, 1000}) {
    HttpParser parser(1000, 1000);
    EXPECT_EQ(
        parse(parser, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", piece),
        Outcome::error);
    EXPECT_EQ(parser.status(), 411);
  }
}

// RFC 9112 §6.3: where another coding is the last, nobody knows where the request ends, and what is behind its header
// is not another request.
TEST(HttpParser, OtherTransferCodingsAreRefused) {
  for (const char* coding : {"gzip", "identity", "xchunked", "chunked, gzip", "gzip\r\nContent-Length: 3"}) {
    HttpParser parser(1000, 1000);
    EXPECT_EQ(parse(parser, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + std::string(coding) +
                                "\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"),
              Outcome::error)
        << coding;
    EXPECT_EQ(parser.next(), Outcome::error) << coding;
  }
}

// RFC 9112 §3.2.2
TEST(HttpParser, TargetsInOtherForms) {
  HttpParser absolute(1000, 1000), bare(1000, 1000), nowhere(1000, 1000), foreign(1000, 1000);
  ASSERT_EQ(parse(absolute, "GET HTTP://iris.example:81/a?b HTTP/1.1\r\nHost: elsewhere\r\n\r\n"), Outcome::request);
  EXPECT_EQ(absolute.request().path, "/a");
  EXPECT_EQ(absolute.request().query, "b");
  EXPECT_EQ(absolute.request().header("host"), "iris.example:81");
  ASSERT_EQ(parse(bare, "GET https://iris.example?b HTTP/1.1\r\nHost: h\r\n\r\n"), Outcome::request);
  EXPECT_EQ(bare.request().path, "/");
  EXPECT_EQ(parse(nowhere, "GET http://:80/ HTTP/1.1\r\nHost: h\r\n\r\n"), Outcome::error);
  EXPECT_EQ(parse(foreign, "GET ftp://iris.example/ HTTP/1.1\r\nHost: h\r\n\r\n"), Outcome::error);
}

// RFC 9112 §2.2
TEST(HttpParser, AnEmptyLineBeforeARequestIsNone) {
  for (std::size_t piece : {1, 1000}) {
    HttpParser parser(1000, 1000);
    EXPECT_EQ(parse(parser, "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", piece), Outcome::request);
  }
}

// RFC 9110 §10.1.1
TEST(HttpParser, WhoWaitsToBeAskedForABodyIsAnswered) {
  HttpParser parser(1000, 1000);
  EXPECT_EQ(parse(parser, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
            Outcome::error);
  EXPECT_EQ(parser.status(), 417);
  HttpParser old(1000, 1000);
  EXPECT_EQ(parse(old, "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"), Outcome::request);
}

TEST(HttpParser, MalformedRequestsAre400) {
  for (const char* bytes :
       {"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", "\x16\x03\x01\x02 TLS where HTTP belongs\r\n\r\n",
        "GET  HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n",
        "GET relative HTTP/1.1\r\nHost: h\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /../secret HTTP/1.1\r\nHost: h\r\n\r\n", "GET /%2e%2e/secret HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a/..%2fsecret HTTP/1.1\r\nHost: h\r\n\r\n", "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    HttpParser parser(1000, 1000);
    EXPECT_EQ(parse(parser, bytes), Outcome::error) << bytes;
    EXPECT_EQ(parser.status(), 400) << bytes;
  }
}

}  // namespace
}  // namespace iris::net
