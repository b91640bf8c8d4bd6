#include "base/log.h"

#define SPDLOG_COMPILED_LIB
#define SPDLOG_FMT_EXTERNAL
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace iris::base {
namespace {

constexpr std::size_t kQueueLines = 8192;  // a burst; when stderr stalls for longer, the oldest lines give way

std::atomic<Level> level_from{Level::info};

// A stderr sink that can be asked whether it has flushed; spdlog's own flush only queues the wish.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void wait_for_flush(std::uint64_t number) {
    std::unique_lock lock(flush_mutex_);
    flushed_.wait_for(lock, std::chrono::seconds(1), [&] { return flush_count_ >= number; });
  }
  std::uint64_t next_flush() {
    std::lock_guard lock(flush_mutex_);
    return flush_count_ + 1;
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
  void flush_() override {
    std::fflush(stderr);
    std::lock_guard lock(flush_mutex_);
    ++flush_count_;
    flushed_.notify_all();
  }

 private:
  std::mutex flush_mutex_;
  std::condition_variable flushed_;
  std::uint64_t flush_count_ = 0;
};

struct Sink {
  Sink()
      : pool(std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1)),
        stderr_sink(std::make_shared<StderrSink>()),
        logger(std::make_shared<spdlog::async_logger>("iris", stderr_sink, pool,
                                                      spdlog::async_overflow_policy::overrun_oldest)) {
    logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("time=%Y-%m-%dT%H:%M:%S.%fZ level=%l %v",
                                                                      spdlog::pattern_time_type::utc));
    logger->set_level(spdlog::level::trace);
  }
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<StderrSink> stderr_sink;
  std::shared_ptr<spdlog::async_logger> logger;
};

Sink& sink() {
  static Sink* const the_sink = new Sink;  // never destroyed: other static objects may log in their destructors
  return *the_sink;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  for (unsigned char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return true;
  }
  return false;
}

void append_text(std::string& line, std::string_view text) {
  if (!needs_quotes(text)) {
    line += text;
    return;
  }
  constexpr char kDigits[] = "0123456789abcdef";
  line += '"';
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      line += '\\';
      line += static_cast<char>(c);
    } else if (c == '\n') {
      line += "\\n";
    } else if (c < ' ' || c == 0x7f) {
      line += "\\x";
      line += kDigits[c >> 4];
      line += kDigits[c & 15];
    } else {
      line += static_cast<char>(c);
    }
  }
  line += '"';
}

struct AppendValue {
  std::string& line;
  void operator()(std::string_view text) const { append_text(line, text); }
  void operator()(bool value) const { line += value ? "true" : "false"; }
  void operator()(Redacted) const { line += "<redacted>"; }
  template <typename Number>
  void operator()(Number number) const {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    line.append(text, end);
  }
};

}  // namespace

std::string format_log_line(std::string_view message, std::initializer_list<Field> fields) {
  std::string line = "msg=";
  append_text(line, message);
  for (const Field& field : fields) {
    line += ' ';
    line += field.key();
    line += '=';
    std::visit(AppendValue{line}, field.value());
  }
  return line;
}

void set_log_level(Level level) { level_from.store(level, std::memory_order_relaxed); }

bool log_enabled(Level level) { return level >= level_from.load(std::memory_order_relaxed); }

void log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!log_enabled(level)) return;
  const std::string line = format_log_line(message, fields);
  sink().logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void flush_log() {
  const std::uint64_t number = sink().stderr_sink->next_flush();
  sink().logger->flush();
  sink().stderr_sink->wait_for_flush(number);
}

}  // namespace iris::base
