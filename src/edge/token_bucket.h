// A limit on how often, with bursts: `per_second` tokens come in, up to `burst` wait. Pure.
#pragma once
#include <algorithm>

#include "base/time.h"

namespace iris::edge {

class TokenBucket {
 public:
  // per_second <= 0: no limit.
  TokenBucket(double per_second, double burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}

  // Takes one if there is one.
  bool take(base::SteadyTime now) {
    if (per_second_ <= 0) return true;
    fill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }
  // Takes one on credit; says how long to wait until nothing is owed.
  base::Duration owe(base::SteadyTime now) {
    if (per_second_ <= 0) return {};
    fill(now);
    tokens_ -= 1;
    return owed();
  }
  // How long to wait from now until nothing is owed.
  base::Duration owed(base::SteadyTime now) {
    if (per_second_ <= 0) return {};
    fill(now);
    return owed();
  }

 private:
  base::Duration owed() const {
    if (tokens_ >= 0) return {};
    return base::Duration(static_cast<base::Duration::rep>(-tokens_ / per_second_ * 1e6) + 1);
  }
  void fill(base::SteadyTime now) {
    if (filled_ != base::SteadyTime{})
      tokens_ = std::min(burst_, tokens_ + static_cast<double>((now - filled_).count()) / 1e6 * per_second_);
    filled_ = now;
  }

  double per_second_;
  double burst_;
  double tokens_;
  base::SteadyTime filled_{};
};

}  // namespace iris::edge
