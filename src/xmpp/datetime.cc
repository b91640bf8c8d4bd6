#include "xmpp/datetime.h"

#include <chrono>
#include <cstdio>

namespace iris::xmpp {
namespace {

// Reads from the front of `text_`; once something does not fit, all that follows fails.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    if (text_.size() < count) ok_ = false;
    for (std::size_t i = 0; ok_ && i < count; ++i) {
      if (text_[i] < '0' || text_[i] > '9') ok_ = false;
      value = value * 10 + (text_[i] - '0');
    }
    if (ok_) text_.remove_prefix(count);
    return value;
  }
  bool skip(char c) {
    if (!ok_ || !text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok_ = skip(c) && ok_; }
  // Microseconds of a fraction of any length.
  int fraction() {
    int micros = 0, count = 0;
    for (; ok_ && !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; ++count, text_.remove_prefix(1)) {
      if (count < 6) micros = micros * 10 + (text_[0] - '0');
    }
    if (count == 0) ok_ = false;
    for (; count < 6; ++count) micros *= 10;
    return micros;
  }
  void fail() { ok_ = false; }
  bool done() const { return ok_ && text_.empty(); }

 private:
  std::string_view text_;
  bool ok_ = true;
};

}  // namespace

std::string format_datetime(base::WallTime time) {
  using namespace std::chrono;
  const auto since = time.time_since_epoch();
  const auto day = floor<days>(since);
  const year_month_day date{sys_days(day)};
  const hh_mm_ss clock{since - day};
  char text[48];
  int size = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                           static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                           static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                           static_cast<int>(clock.seconds().count()));
  std::string out(text, static_cast<std::size_t>(size));
  if (const auto micros = clock.subseconds().count(); micros != 0) {
    size = std::snprintf(text, sizeof text, ".%06d", static_cast<int>(micros));
    out.append(text, static_cast<std::size_t>(size));
  }
  return out + "Z";
}

std::string format_datetime(base::Stamp stamp) {
  return format_datetime(base::WallTime(base::Duration(static_cast<std::int64_t>(stamp.value))));
}

std::optional<base::WallTime> parse_datetime(std::string_view text) {
  using namespace std::chrono;
  Reader in(text);
  const int y = in.digits(4);
  in.expect('-');
  const int mo = in.digits(2);
  in.expect('-');
  const int d = in.digits(2);
  in.expect('T');
  const int h = in.digits(2);
  in.expect(':');
  const int mi = in.digits(2);
  in.expect(':');
  const int s = in.digits(2);
  const int micros = in.skip('.') ? in.fraction() : 0;
  minutes offset{0};
  if (!in.skip('Z')) {
    const int sign = in.skip('-') ? -1 : 1;
    if (sign > 0) in.expect('+');
    const int oh = in.digits(2);
    in.expect(':');
    const int om = in.digits(2);
    if (oh > 23 || om > 59) in.fail();
    offset = sign * (hours(oh) + minutes(om));
  }
  const year_month_day date{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
  if (!in.done() || !date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;  // 60: a leap second
  const auto since = sys_days(date).time_since_epoch() + hours(h) + minutes(mi) + seconds(s) - offset;
  return base::WallTime(since + microseconds(micros));
}

}  // namespace iris::xmpp
