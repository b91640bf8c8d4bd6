// Result<T>: the world did wrong (disk, broker, timeout). What a peer did wrong is a StreamError or StanzaError
// (xmpp/), what we did wrong is IRIS_CHECK.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

namespace iris::base {

// A new code only where a caller acts differently on it.
enum class Errc {
  unavailable,      // not now; try again later
  overloaded,       // a bounded queue is full; nothing was done
  no_space,         // the disk is full; nothing was done
  unknown_outcome,  // it may have happened or not (timeout, lost connection); see engine rule L1
  not_found,
  already_exists,
  corrupt,  // stored bytes are not what was written
  invalid,  // the argument or the configuration is wrong
  closed,   // the other side, or we ourselves, are shutting down
};

std::string_view to_string(Errc code) noexcept;

struct Error {
  Errc code;
  std::string message;  // for operators: what failed and what to do; no secret, no message content
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : value_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  explicit operator bool() const noexcept { return value_.index() == 0; }
  bool ok() const noexcept { return value_.index() == 0; }
  T& value() & {
    IRIS_CHECK(ok());
    return std::get<0>(value_);
  }
  const T& value() const& {
    IRIS_CHECK(ok());
    return std::get<0>(value_);
  }
  T&& value() && {
    IRIS_CHECK(ok());
    return std::get<0>(std::move(value_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const {
    IRIS_CHECK(!ok());
    return std::get<1>(value_);
  }

 private:
  std::variant<T, Error> value_;
};

struct Unit {};
using Status = Result<Unit>;
inline Status ok() { return Unit{}; }

}  // namespace iris::base
