#include "rocks/operation.h"

#include <algorithm>

namespace iris::rocks {

std::vector<base::Callback<void()>>& Answers::of(io::Loop& loop) {
  const auto found =
      std::find_if(by_loop_.begin(), by_loop_.end(), [&](const auto& one) { return one.first == &loop; });
  if (found != by_loop_.end()) return found->second;
  return by_loop_.emplace_back(&loop, std::vector<base::Callback<void()>>{}).second;
}

void Answers::add(Operation operation, base::Result<base::Offset> result) {
  io::Loop& loop = *operation.loop;
  if (operation.kind == Operation::Kind::append) {
    if (!result.ok())
      return add(loop, [fence = fence_, ticket = operation.ticket, done = std::move(operation.done),
                        result = std::move(result)]() mutable {
        fence->settled(ticket);
        done(std::move(result));
      });
    fence_->settled(operation.ticket);
  }
  add(loop, [done = std::move(operation.done), result = std::move(result)]() mutable { done(std::move(result)); });
}

void Answers::add(io::Loop& loop, base::Callback<void()> call) { of(loop).push_back(std::move(call)); }

void Answers::post() {
  for (auto& [loop, calls] : by_loop_) {
    loop->post([calls = std::move(calls)]() mutable {
      for (auto& call : calls) call();
    });
  }
  by_loop_.clear();
}

}  // namespace iris::rocks
