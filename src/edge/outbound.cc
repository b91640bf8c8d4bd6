#include "edge/outbound.h"

#include <utility>

namespace iris::edge {

void Outbound::push(std::string xml, std::optional<Mark> mark) {
  xml.shrink_to_fit();  // it is kept, and its bytes are counted: none that only its making needed
  bytes_ += xml.size();
  entries_.push_back({std::move(xml), {}});
  if (mark) entries_.back().marks.push_back(*mark);
}

bool Outbound::push_mark(Mark mark) {
  if (entries_.empty()) return true;
  entries_.back().marks.push_back(mark);
  return false;
}

}  // namespace iris::edge
