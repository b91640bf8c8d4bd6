// A call that is made at most once or few times by whoever was handed it. Move-only, so it may own what it needs.
#pragma once
#include <functional>

namespace iris::base {

template <typename Signature>
using Callback = std::move_only_function<Signature>;

}  // namespace iris::base
