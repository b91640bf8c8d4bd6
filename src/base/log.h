// The log sink: one logfmt line per event on stderr, `time=… level=… msg=… key=value …`. A background thread writes,
// so a full pipe or a slow terminal never holds up the caller: the queue is bounded, and its oldest lines give way.
// Callable from any thread. What is logged is for operators: no message content, no secret (see Redacted).
#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace iris::base {

enum class Level { debug, info, warn, error };

// Stands where a value must not be shown, so that the reader knows that there was one: prints as `<redacted>`.
struct Redacted {};

// key=value of a line. Views: they need live only as long as the call to log().
class Field {
 public:
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool, Redacted>;

  Field(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  Field(std::string_view key, const std::string& value) : key_(key), value_(std::string_view(value)) {}
  Field(std::string_view key, const char* value) : key_(key), value_(std::string_view(value)) {}
  Field(std::string_view key, bool value) : key_(key), value_(value) {}
  Field(std::string_view key, double value) : key_(key), value_(value) {}
  Field(std::string_view key, Redacted value) : key_(key), value_(value) {}
  template <std::signed_integral T>
  Field(std::string_view key, T value) : key_(key), value_(static_cast<std::int64_t>(value)) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Field(std::string_view key, T value) : key_(key), value_(static_cast<std::uint64_t>(value)) {}

  std::string_view key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  std::string_view key_;
  Value value_;
};

void log(Level level, std::string_view message, std::initializer_list<Field> fields = {});

// Lines below this level are dropped at once; default info.
void set_log_level(Level level);
bool log_enabled(Level level);

// Waits until everything logged so far is written, at most about a second. For the end of main() and for a crash.
void flush_log();

// `msg=… key=value …`, escaped: a value with a space, quote, `=` or control character is quoted. Pure; for tests.
std::string format_log_line(std::string_view message, std::initializer_list<Field> fields);

}  // namespace iris::base
