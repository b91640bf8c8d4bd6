#include "load/message.h"

namespace iris::load {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kTagAt = 1, kTagSize = 4, kTimeAt = 6, kTimeSize = 16, kNumberAt = 23, kNumberSize = 8;
constexpr std::string_view kId = "b0000-0000000000000000-00000000";

void write_hex(char* out, std::size_t size, std::uint64_t value) {
  for (std::size_t i = size; i > 0; --i, value >>= 4U) out[i - 1] = kDigits[value & 15U];
}

std::optional<std::uint64_t> read_hex(std::string_view text) {
  std::uint64_t out = 0;
  for (const char c : text) {
    const std::uint64_t digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
    if (digit > 15) return std::nullopt;
    out = out << 4U | digit;
  }
  return out;
}

}  // namespace

std::string run_tag(std::uint64_t chance) {
  std::string out(kTagSize, '0');
  write_hex(out.data(), kTagSize, chance);
  return out;
}

std::string mark_text(std::string_view tag, Mark mark) {
  std::string out(kId);
  out.replace(kTagAt, kTagSize, tag);
  write_hex(out.data() + kTimeAt, kTimeSize, static_cast<std::uint64_t>(mark.due));
  write_hex(out.data() + kNumberAt, kNumberSize, mark.number);
  return out;
}

std::optional<Mark> read_mark(std::string_view id, std::string_view tag) {
  if (id.size() != kId.size() || id[0] != kId[0] || id.substr(kTagAt, kTagSize) != tag) return std::nullopt;
  const auto due = read_hex(id.substr(kTimeAt, kTimeSize));
  const auto number = read_hex(id.substr(kNumberAt, kNumberSize));
  if (!due || !number) return std::nullopt;
  return Mark{static_cast<std::uint32_t>(*number), static_cast<Nanos>(*due)};
}

MessageTemplate::MessageTemplate(std::string_view to, std::size_t body_bytes, std::string_view tag,
                                 std::string_view hints) {
  const std::string id = mark_text(tag, {});
  text_ = "<message type='chat' to='" + std::string(to) + "' id='";
  id_at_ = text_.size();
  text_ += id + "'><body>" + std::string(body_bytes, 'x') + "</body><origin-id xmlns='urn:xmpp:sid:0' id='";
  origin_id_at_ = text_.size();
  text_ += id + "'/>" + std::string(hints) + "</message>";
}

std::string_view MessageTemplate::with(Mark mark) {
  for (const std::size_t at : {id_at_, origin_id_at_}) {
    write_hex(text_.data() + at + kTimeAt, kTimeSize, static_cast<std::uint64_t>(mark.due));
    write_hex(text_.data() + at + kNumberAt, kNumberSize, mark.number);
  }
  return text_;
}

}  // namespace iris::load
