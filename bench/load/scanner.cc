#include "load/scanner.h"

#include <cstring>

namespace iris::load {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

std::size_t after(std::string_view data, std::string_view what, std::size_t from) {
  const std::size_t at = data.find(what, from);
  return at == kNone ? kNone : at + what.size();
}

// Behind the tag, comment, CDATA section or instruction that begins at `begin`; kNone if it is not all there.
std::size_t end_of_tag(std::string_view data, std::size_t begin) {
  if (begin + 1 >= data.size()) return kNone;
  if (data[begin + 1] == '?') return after(data, "?>", begin);
  if (data[begin + 1] == '!') {
    constexpr std::string_view kSection = "<![CDATA[";
    if (data.size() - begin < kSection.size()) return kNone;
    return data[begin + 2] == '-' ? after(data, "-->", begin + 4) : after(data, "]]>", begin);
  }
  char quote = 0;
  for (std::size_t i = begin + 1; i < data.size(); ++i) {
    const char c = data[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '>') {
      return i + 1;
    }
  }
  return kNone;
}

bool ends_name(char c) { return c == ' ' || c == '/' || c == '>' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

void Scanner::reset() {
  depth_ = 0;
  piece_ = false;
  piece_at_ = at_ = 0;
  pending_ = {};
}

std::string_view Scanner::gather(std::string_view bytes) {
  if (pending_.empty()) return bytes;
  pending_.append(bytes);
  return pending_;
}

std::size_t Scanner::next(std::string_view data) {
  piece_ = false;
  if (depth_ < 0 || at_ >= data.size()) return kNone;
  const void* found = std::memchr(data.data() + at_, '<', data.size() - at_);
  if (found == nullptr) {
    at_ = data.size();
    return kNone;
  }
  at_ = static_cast<std::size_t>(static_cast<const char*>(found) - data.data());
  const std::size_t end = end_of_tag(data, at_);
  if (end == kNone) return kNone;
  take_tag(data, at_, end);
  at_ = end;
  return end;
}

void Scanner::take_tag(std::string_view data, std::size_t begin, std::size_t end) {
  const char first = data[begin + 1];
  if (first == '!' || first == '?') return;
  if (first == '/') {
    --depth_;
    piece_ = depth_ == stanza_depth_ || depth_ == stanza_depth_ - 1;
    kind_ = depth_ == stanza_depth_ ? Piece::stanza : Piece::close;
    if (depth_ < stanza_depth_) piece_at_ = begin;
    return;
  }
  if (depth_ <= stanza_depth_) piece_at_ = begin;
  const bool whole = data[end - 2] == '/';
  piece_ = depth_ < stanza_depth_ || (whole && depth_ == stanza_depth_);
  kind_ = depth_ < stanza_depth_ ? Piece::open : Piece::stanza;
  if (!whole) ++depth_;
}

bool Scanner::keep(std::string_view data) {
  if (depth_ < 0) return false;
  const std::size_t from = depth_ > stanza_depth_ ? piece_at_ : at_;
  if (pending_.empty()) {
    pending_.assign(data.substr(from));
  } else {
    pending_.erase(0, from);
  }
  // Most of 100,000 connections have nothing pending: they need no buffer.
  if (pending_.empty() && pending_.capacity() > 256) pending_ = {};
  at_ -= from;
  piece_at_ = depth_ > stanza_depth_ ? 0 : at_;
  return pending_.size() <= kPendingMax;
}

std::string_view element_name(std::string_view element) {
  std::size_t end = 1;
  while (end < element.size() && !ends_name(element[end])) ++end;
  return element.size() < 2 ? std::string_view{} : element.substr(1, end - 1);
}

std::string_view attribute(std::string_view element, std::string_view name) {
  std::size_t i = 1;
  while (i < element.size() && !ends_name(element[i])) ++i;
  while (i < element.size() && element[i] != '>') {
    const std::size_t equals = element.find_first_of("=>", i);
    if (equals == kNone || element[equals] == '>') return {};
    const std::size_t open = element.find_first_of("'\"", equals);
    if (open == kNone) return {};
    const std::size_t close = element.find(element[open], open + 1);
    if (close == kNone) return {};
    std::string_view key = element.substr(i, equals - i);
    while (!key.empty() && ends_name(key.front())) key.remove_prefix(1);
    while (!key.empty() && ends_name(key.back())) key.remove_suffix(1);
    if (key == name) return element.substr(open + 1, close - open - 1);
    i = close + 1;
  }
  return {};
}

namespace {

std::size_t find_tag(std::string_view element, std::string_view name) {
  for (std::size_t at = element.find('<'); at != kNone; at = element.find('<', at + 1)) {
    const std::string_view rest = element.substr(at + 1);
    if (rest.starts_with(name) && rest.size() > name.size() && ends_name(rest[name.size()])) return at;
  }
  return kNone;
}

}  // namespace

std::string_view child_text(std::string_view element, std::string_view name) {
  const std::size_t at = find_tag(element, name);
  if (at == kNone) return {};
  const std::size_t begin = end_of_tag(element, at);
  if (begin == kNone || element[begin - 2] == '/') return {};
  const std::size_t end = element.find('<', begin);
  return end == kNone ? std::string_view{} : element.substr(begin, end - begin);
}

bool has_tag(std::string_view element, std::string_view name) { return find_tag(element, name) != kNone; }

}  // namespace iris::load
