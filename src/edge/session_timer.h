// Timers of a session: forgotten with it, one at a time each. For the files of Session only.
#pragma once
#include <utility>

#include "edge/session.h"

namespace iris::edge {

template <typename Call>
void Session::later(io::TimerId& timer, base::Duration delay, Call call) {
  stop(timer);
  timer = context_.loop.after(delay, [self = weak_from_this(), &timer, call = std::move(call)]() mutable {
    auto alive = self.lock();
    if (!alive) return;
    timer = {};
    call();
  });
}

inline void Session::stop(io::TimerId& timer) { context_.loop.cancel(std::exchange(timer, {})); }

}  // namespace iris::edge
