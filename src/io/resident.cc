#include "io/resident.h"

#include <utility>

namespace iris::io {

void Residence::add_resident(std::shared_ptr<Resident> resident) {
  if (ended_) return resident->loop_ended();
  if (!numbers_.emplace(resident.get(), next_).second) return;  // is one already
  residents_.emplace(next_++, std::move(resident));
}

void Residence::remove_resident(Resident& resident) {
  const auto found = numbers_.find(&resident);
  if (found == numbers_.end()) return;
  const auto dropped = residents_.extract(found->second);  // ends when both maps are in order
  numbers_.erase(found);
}

void Residence::end_residents() {
  ended_ = true;
  while (!residents_.empty()) {
    const auto first = residents_.extract(residents_.begin());
    numbers_.erase(first.mapped().get());
    first.mapped()->loop_ended();
  }
}

}  // namespace iris::io
