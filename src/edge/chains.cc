#include "edge/chains.h"

#include <algorithm>

namespace iris::edge {

void Chains::registered(std::int64_t epoch, std::uint64_t direct_start) {
  registered_ = true;
  epoch_ = std::max(epoch_, epoch);
  State& direct = of(Chain::direct);
  if (direct.open) return;
  direct = {direct_start, direct_start, true};
}

Chains::Verdict Chains::judge(const record::Deliver& deliver) const {
  if (!registered_ || deliver.number() != number_ || deliver.epoch() < epoch_) return Verdict::stale;
  const State& state = of(deliver.chain() == record::INBOX ? Chain::inbox : Chain::direct);
  if (state.open && deliver.stamp() <= state.last) return Verdict::duplicate;
  // Passing over what was had as a copy moves the cursor: the copy must have come.
  if (deliver.after_direct() > of(Chain::direct).last) return Verdict::gap;
  // The inbox chain is opened by a delivery that names no predecessor.
  return deliver.previous() == state.last ? Verdict::accept : Verdict::gap;
}

void Chains::accept(Mark mark) {
  State& state = of(mark.chain);
  state.last = mark.stamp;
  state.open = true;
}

void Chains::ack(Mark mark) {
  State& state = of(mark.chain);
  state.acked = std::max(state.acked, mark.stamp);
}

}  // namespace iris::edge
