#include "net/websocket.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "net/websocket_frames.h"

namespace iris::net {
namespace {

using Kind = WebSocketEvent::Kind;

struct Got {
  Kind kind;
  std::string payload;
  WebSocketCode code;
  friend bool operator==(const Got&, const Got&) = default;
};

// All events of `bytes`, fed in pieces of `piece`.
std::vector<Got> parse(std::string_view bytes, std::size_t piece = 1 << 20, std::size_t message_bytes_max = 100'000) {
  WebSocketParser parser(message_bytes_max);
  std::vector<Got> all;
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, piece);
    bytes.remove_prefix(input.size());
    for (;;) {
      const WebSocketEvent event = parser.next(input);
      if (event.kind == Kind::need_more) break;
      all.push_back({event.kind, std::string(event.payload), event.code});
    }
    EXPECT_TRUE(input.empty());
  }
  return all;
}

Got message(std::string text) { return {Kind::message, std::move(text), {}}; }
Got error(WebSocketCode code) { return {Kind::error, "", code}; }

TEST(WebSocketParser, TheExampleOfSection57) {
  EXPECT_EQ(parse("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), (std::vector{message("Hello")}));
}

TEST(WebSocketParser, SizesOfAllThreeForms) {
  for (const std::size_t size : {0u, 1u, 125u, 126u, 127u, 65535u, 65536u, 99'999u}) {
    const std::string text(size, 'a');
    EXPECT_EQ(parse(client_frame(0x81, text)), (std::vector{message(text)})) << size;
  }
}

TEST(WebSocketParser, FragmentsAreJoinedAroundControlFrames) {
  const std::string bytes = client_frame(0x01, "Hel") + client_frame(0x89, "are you there?") +
                            client_frame(0x00, "lo ") + client_frame(0x8a, "") + client_frame(0x80, "all") +
                            client_frame(0x81, "next");
  for (std::size_t piece = 1; piece < 40; ++piece) {
    EXPECT_EQ(parse(bytes, piece),
              (std::vector<Got>{
                  {Kind::ping, "are you there?", {}}, {Kind::pong, "", {}}, message("Hello all"), message("next")}));
  }
}

TEST(WebSocketParser, Utf8MayBeSplitBetweenFragments) {
  const std::string euro = "\xe2\x82\xac";
  EXPECT_EQ(parse(client_frame(0x01, euro.substr(0, 1)) + client_frame(0x80, euro.substr(1))),
            (std::vector{message(euro)}));
}

TEST(WebSocketParser, TheFramingRules) {
  constexpr auto kProtocol = WebSocketCode::protocol_error;
  EXPECT_EQ(parse(std::string("\x81\x05Hello")), (std::vector{error(kProtocol)})) << "unmasked";
  EXPECT_EQ(parse(client_frame(0xc1, "x")), (std::vector{error(kProtocol)})) << "reserved bit 1";
  EXPECT_EQ(parse(client_frame(0x91, "x")), (std::vector{error(kProtocol)})) << "reserved bit 3";
  EXPECT_EQ(parse(client_frame(0x83, "x")), (std::vector{error(kProtocol)})) << "reserved opcode";
  EXPECT_EQ(parse(client_frame(0x8b, "x")), (std::vector{error(kProtocol)})) << "reserved control opcode";
  EXPECT_EQ(parse(client_frame(0x82, "x")), (std::vector{error(WebSocketCode::unsupported_data)})) << "binary";
  EXPECT_EQ(parse(client_frame(0x80, "x")), (std::vector{error(kProtocol)})) << "continues nothing";
  EXPECT_EQ(parse(client_frame(0x01, "x") + client_frame(0x81, "y")), (std::vector{error(kProtocol)}))
      << "a new message within one";
  EXPECT_EQ(parse(client_frame(0x09, "x")), (std::vector{error(kProtocol)})) << "control in fragments";
  EXPECT_EQ(parse(client_frame(0x89, std::string(126, 'x'))), (std::vector{error(kProtocol)})) << "long control";
  EXPECT_EQ(parse(std::string("\x81\xfe\x00\x05mask", 8)), (std::vector{error(kProtocol)})) << "not the shortest form";
  EXPECT_EQ(parse(std::string("\x81\xff\x80\0\0\0\0\0\0\0mask", 14)), (std::vector{error(kProtocol)})) << "highest bit";
  EXPECT_EQ(parse(client_frame(0x81, "\xff")), (std::vector{error(WebSocketCode::invalid_payload)}));
}

TEST(WebSocketParser, NothingFollowsAnError) {
  EXPECT_EQ(parse(client_frame(0x82, "x") + client_frame(0x81, "y")),
            (std::vector{error(WebSocketCode::unsupported_data)}));
}

TEST(WebSocketParser, TooBigIsKnownFromTheHeader) {
  EXPECT_EQ(parse(client_frame(0x81, std::string(1001, 'x')).substr(0, 8), 100, 1000),
            (std::vector{error(WebSocketCode::too_big)}));
  EXPECT_EQ(parse(client_frame(0x01, std::string(600, 'x')) + client_frame(0x80, std::string(401, 'x')), 100, 1000),
            (std::vector{error(WebSocketCode::too_big)}));
  EXPECT_EQ(parse(client_frame(0x01, std::string(600, 'x')) + client_frame(0x80, std::string(400, 'x')), 100, 1000),
            (std::vector{message(std::string(1000, 'x'))}));
}

TEST(WebSocketParser, CloseFrames) {
  EXPECT_EQ(parse(client_frame(0x88, "")), (std::vector<Got>{{Kind::close, "", WebSocketCode::no_status}}));
  EXPECT_EQ(parse(client_frame(0x88,
                               "\x03\xe8"
                               "bye")),
            (std::vector<Got>{{Kind::close, "bye", WebSocketCode::normal}}));
  EXPECT_EQ(parse(client_frame(0x88, "\x03")), (std::vector{error(WebSocketCode::protocol_error)}));
  EXPECT_EQ(parse(client_frame(0x88, "\x03\xed")), (std::vector{error(WebSocketCode::protocol_error)})) << "1005";
  EXPECT_EQ(parse(client_frame(0x88, "\x03\xe8\xff")), (std::vector{error(WebSocketCode::invalid_payload)}));
}

TEST(WebSocketParser, NoRandomBytesBreakIt) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int run = 0; run < 2000; ++run) {
    std::string bytes(random() % 200, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    if (!bytes.empty() && random() % 2 == 0) bytes[0] = static_cast<char>(0x81);
    EXPECT_EQ(parse(bytes, 1), parse(bytes, 1 + random() % 50)) << "pieces must not matter";
  }
}

TEST(WebSocketFrames, AsAServerSendsThem) {
  EXPECT_EQ(web_socket_text("Hello"), "\x81\x05Hello");
  EXPECT_EQ(web_socket_text(std::string(126, 'x')).substr(0, 4), std::string("\x81\x7e\x00\x7e", 4));
  EXPECT_EQ(web_socket_text(std::string(65536, 'x')).substr(0, 10), std::string("\x81\x7f\0\0\0\0\0\1\0\0", 10));
  EXPECT_EQ(web_socket_ping(""), std::string("\x89\x00", 2));
  EXPECT_EQ(web_socket_pong("x"), "\x8a\x01x");
  EXPECT_EQ(web_socket_close(WebSocketCode::too_big, "no"), "\x88\x04\x03\xf1no");
  EXPECT_EQ(web_socket_close(WebSocketCode::no_status), std::string("\x88\x00", 2));
  EXPECT_EQ(web_socket_close(WebSocketCode::normal, std::string(122, 'x') + "\xc3\xa4").size(), 2u + 2 + 122);
}

TEST(WebSocketFrames, TheAcceptKeyOfSection13) {
  EXPECT_EQ(web_socket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Utf8, AcceptsWhatTheRfcAcceptsAndNothingElse) {
  for (const char* good : {"", "ascii only, longer than eight", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "12345678\xc3\xa4 12345678"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xef\xbf", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "12345678\xff", "\xe2\x28\xa1"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

}  // namespace
}  // namespace iris::net
