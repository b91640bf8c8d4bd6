// The messages that people of a benchmark send: prepared once, and per message only number and time are written into
// them. They travel in the id, so that the receiving end knows what it got and when it was due, with no table.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "load/clock.h"

namespace iris::load {

// Of one run, four characters, so that what an earlier run left in an archive or offline is known as not ours.
std::string run_tag(std::uint64_t chance);

struct Mark {
  std::uint32_t number = 0;  // of the message among those of its sender, from 0
  Nanos due = 0;
};
std::string mark_text(std::string_view tag, Mark mark);
// Nothing if the id is not of this run.
std::optional<Mark> read_mark(std::string_view id, std::string_view tag);

class MessageTemplate {
 public:
  // `hints`: XML to stand behind the body. Both address and hints stand there as they are.
  MessageTemplate(std::string_view to, std::size_t body_bytes, std::string_view tag, std::string_view hints = {});
  // Lives until the next call.
  std::string_view with(Mark mark);

 private:
  std::string text_;
  std::size_t id_at_, origin_id_at_;
};

}  // namespace iris::load
