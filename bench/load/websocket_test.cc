#include "load/websocket.h"

#include <gtest/gtest.h>

#include <vector>

namespace iris::load {
namespace {

using Event = WebSocketReader::Event;

std::string server_frame(int opcode, const std::string& payload, bool final = true) {
  std::string out(1, static_cast<char>((final ? 0x80 : 0) | opcode));
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(126);
    out += static_cast<char>(payload.size() >> 8U);
    out += static_cast<char>(payload.size() & 0xffU);
  }
  return out + payload;
}

const std::string kUpgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

// What came out: all text in one piece, and a letter for each other event.
std::string read(WebSocketReader& reader, const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    std::string_view bytes = part, payload;
    for (Event event = reader.next(bytes, payload); event != Event::none; event = reader.next(bytes, payload)) {
      if (event == Event::text) out += payload;
      if (event == Event::upgraded) out += "U|";
      if (event == Event::ping) out += "|P" + std::string(payload) + "|";
      if (event == Event::closed) return out + "|C";
      if (event == Event::broken) return out + "|B";
    }
  }
  return out;
}

TEST(WebSocket, ReadsTextInReadsOfAnySize) {
  const std::string all = kUpgrade + server_frame(1, "<open/>") + server_frame(9, "hi") + server_frame(1, "<a", false) +
                          server_frame(0, "/>") + server_frame(1, std::string(300, 'x')) + server_frame(10, "pong") +
                          server_frame(1, "") + server_frame(8, "");
  const std::string expected = "U|<open/>|Phi|<a/>" + std::string(300, 'x') + "|C";
  for (std::size_t size = 1; size <= all.size(); ++size) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < all.size(); at += size) parts.push_back(all.substr(at, size));
    WebSocketReader reader;
    EXPECT_EQ(read(reader, parts), expected) << "reads of " << size;
  }
}

TEST(WebSocket, ARefusedUpgradeIsNoConnection) {
  WebSocketReader reader;
  EXPECT_EQ(read(reader, {"HTTP/1.1 404 Not Found\r\n\r\n"}), "|B");
}

TEST(WebSocket, WritesMaskedFramesOfEachLength) {
  for (const std::size_t size : {0U, 125U, 126U, 65535U, 65536U}) {
    std::string frame;
    append_text_frame(frame, std::string(size, 'x'));
    const std::size_t header = size < 126 ? 2 : size < 65536 ? 4 : 10;
    EXPECT_EQ(frame.size(), header + 4 + size);
    EXPECT_EQ(static_cast<unsigned char>(frame[0]), 0x81);
    EXPECT_EQ(static_cast<unsigned char>(frame[1]), size < 126 ? 0x80 + size : size < 65536 ? 0xfe : 0xff);
    EXPECT_EQ(frame.substr(header, 4), std::string(4, '\0'));
  }
  EXPECT_EQ(static_cast<unsigned char>(pong_frame("hi")[0]), 0x8a);
}

}  // namespace
}  // namespace iris::load
