#include "app/account_csv.h"

#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace iris::app {
namespace {

// A password of a kilobyte is none that anybody types, and there are two mechanisms.
constexpr std::size_t kLineBytesMax = 16 << 10, kKeysMax = 8;

// RFC 4180 §2: fields by commas, a quoted one may hold commas and doubled quotes. Nothing if a quote is not closed, or
// stands where it may not. A field with a line break is not for this file.
std::optional<std::vector<std::string>> split(std::string_view line) {
  std::vector<std::string> fields(1);
  for (std::size_t i = 0; i < line.size();) {
    if (line[i] == ',') {
      fields.emplace_back();
      ++i;
    } else if (line[i] == '"' && fields.back().empty()) {
      for (++i;; ++i) {
        if (i == line.size()) return std::nullopt;
        if (line[i] != '"')
          fields.back() += line[i];
        else if (i + 1 < line.size() && line[i + 1] == '"')
          fields.back() += line[++i];
        else
          break;
      }
      if (++i < line.size() && line[i] != ',') return std::nullopt;
    } else if (line[i] == '"') {
      return std::nullopt;
    } else {
      fields.back() += line[i++];
    }
  }
  return fields;
}

std::optional<ImportedKeys> keys_of(const std::vector<std::string>& fields) {
  ImportedKeys keys{.mechanism = fields[1], .salt = fields[3], .stored_key = fields[4], .server_key = fields[5]};
  const char* end = fields[2].data() + fields[2].size();
  const auto [rest, error] = std::from_chars(fields[2].data(), end, keys.iterations);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return keys;
}

enum class Line { read, too_long, none };
Line next_line(std::istream& in, std::vector<char>& buffer, std::string& line) {
  in.getline(buffer.data(), static_cast<std::streamsize>(buffer.size()));
  const auto got = static_cast<std::size_t>(in.gcount());
  if (in.fail() && got + 1 < buffer.size()) return Line::none;
  if (in.fail()) {
    in.clear();
    in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    return Line::too_long;
  }
  line.assign(buffer.data(), in.eof() ? got : got - 1);
  return Line::read;
}

}  // namespace

void read_account_csv(std::istream& in, const std::function<void(ImportedAccount)>& account,
                      const std::function<void(ImportFailure)>& failure, std::size_t first) {
  std::optional<ImportedAccount> open;  // of the second form; may get more keys
  const auto close = [&] {
    if (open) account(*std::exchange(open, std::nullopt));
  };
  std::vector<char> buffer(kLineBytesMax);
  std::string line;
  for (std::size_t number = first;; ++number) {
    const Line found = next_line(in, buffer, line);
    if (found == Line::none) break;
    if (found == Line::too_long) {
      close();
      failure({number, "the line is too long"});
      continue;
    }
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    const auto fields = split(line);
    if (fields && fields->size() == 6 && keys_of(*fields)) {
      if (open && (open->user != (*fields)[0] || open->keys.size() == kKeysMax)) close();
      if (!open) open = ImportedAccount{.line = number, .user = (*fields)[0]};
      open->keys.push_back(*keys_of(*fields));
      continue;
    }
    close();
    if (!fields)
      failure({number, "a quote is not closed or not doubled"});
    else if (fields->size() == 6)
      failure({number, "the third column must be a number of iterations"});
    else if (fields->size() != 2)
      failure({number, "2 or 6 columns are wanted, this has " + std::to_string(fields->size()) +
                           "; a password with a comma or quote must be quoted"});
    else
      account({.line = number, .user = (*fields)[0], .password = (*fields)[1]});
  }
  close();
}

}  // namespace iris::app
