// The adapter of toml++: no other file includes it.
// toml++ 3.3 asserts, and under NDEBUG lets the compiler assume, what a wrong file can bring about. Without both it
// tells the error.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include "app/config_file.h"

#include <toml++/toml.h>
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "app/config_schema.h"
#include "app/files.h"
#include "app/suggest.h"

namespace iris::app {
namespace {

std::optional<Value> value_of(const toml::node& node) {
  if (auto v = node.as_boolean()) return Value{v->get()};
  if (auto v = node.as_integer()) return Value{v->get()};
  if (auto v = node.as_floating_point()) return Value{v->get()};
  if (auto v = node.as_string()) return Value{v->get()};
  if (auto list = node.as_array()) {
    std::vector<std::string> texts;
    for (const toml::node& one : *list) {
      if (!one.is_string()) return std::nullopt;
      texts.push_back(one.as_string()->get());
    }
    return Value{std::move(texts)};
  }
  return std::nullopt;  // dates, nested tables: no key takes one
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::string best = nearest(word, known);
  if (!best.empty()) return " Did you mean '" + best + "'?";
  std::string all;
  for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
  return " Known are: " + all + ".";
}

class Reader {
 public:
  Reader(Config& config, ConfigProblems& problems) : config_(config), problems_(problems) {}

  // Where a key stands; 0 if it does not.
  unsigned line_of(const std::string& key) const {
    const auto found = lines_.find(key);
    return found == lines_.end() ? 0 : found->second;
  }

  void root(const toml::table& root) {
    std::vector<std::string> tables;
    for (const Table& table : config_tables()) tables.push_back(table.name);
    for (const auto& [name, node] : root) {
      const bool known = std::ranges::find(tables, name.str()) != tables.end();
      if (!known) {
        report(node.is_table() ? name.source() : name.source(),
               "unknown " + std::string(node.is_table() ? "table [" : "key '") + std::string(name.str()) +
                   (node.is_table() ? "]." : "': keys stand in tables.") + did_you_mean(name.str(), tables));
      } else if (!node.is_table()) {
        report(name.source(), "'" + std::string(name.str()) + "' must be a table: [" + std::string(name.str()) + "]");
      } else {
        table(std::string(name.str()), *node.as_table());
      }
    }
  }

 private:
  void table(const std::string& name, const toml::table& content) {
    for (const auto& [leaf, node] : content) {
      const std::string full = name + "." + std::string(leaf.str());
      const Key* key = find_key(full);
      if (key == nullptr) {
        std::vector<std::string> known;
        for (const Key& k : config_schema())
          if (k.table() == name) known.push_back(k.leaf());
        report(leaf.source(), "unknown key '" + full + "'." + did_you_mean(leaf.str(), known));
        continue;
      }
      lines_[full] = leaf.source().begin.line;
      const auto value = value_of(node);
      const auto problem = value ? key->set(config_, *value) : "must be a " + key->type + ": " + key->allowed;
      if (problem) report(node.source(), full + " " + *problem);
    }
  }

  void report(const toml::source_region& where, std::string text) {
    problems_.push_back({config_.file, where.begin.line, std::move(text)});
  }

  Config& config_;
  ConfigProblems& problems_;
  std::map<std::string, unsigned> lines_;
};

std::string below(const std::filesystem::path& folder, const std::string& path) {
  return path.empty() ? path : (folder / path).lexically_normal().string();
}

// The end of a string on one line that begins at `from`, after its quotes.
std::size_t end_of_string(std::string_view text, std::size_t from) {
  const char quote = text[from];
  for (std::size_t at = from + 1; at < text.size() && text[at] != '\n'; ++at) {
    if (text[at] == quote) return at + 1;
    if (quote == '"' && text[at] == '\\') ++at;
  }
  return std::min(text.find('\n', from), text.size());
}

// A quote elsewhere, as in `9"ü"`, is a mistake that toml++ finds later than the characters behind it.
bool may_begin_string(std::string_view before) {
  const auto last = before.find_last_not_of(" \t");
  return last == before.npos || std::string_view("\n=[{,.").find(before[last]) != std::string_view::npos;
}

// What TOML allows nowhere, or only in strings and comments. It is refused before toml++ 3.3 sees it, whose tables of
// spaces beyond ASCII have holes, with undefined behaviour in them.
std::optional<ConfigProblem> wrong_character(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const auto problem = [text](std::size_t at, const char* what) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return ConfigProblem{"", static_cast<unsigned>(line), what};
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
      return problem(at, "a control character: the file must be text");
  }
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x80)
      return problem(at, "a character beyond ASCII outside of a comment or a string in quotes on one line");
    if (c == '#')
      at = std::min(text.find('\n', at), text.size());
    else if ((c != '"' && c != '\'') || !may_begin_string(text.substr(0, at)))
      ++at;
    else
      at = text.substr(at + 1, 2) == std::string(2, text[at]) ? at + 3  // of several lines: no value needs that
                                                              : end_of_string(text, at);
  }
  return std::nullopt;
}

}  // namespace

std::string ConfigProblem::to_string() const {
  return file + ":" + (line == 0 ? "" : std::to_string(line) + ":") + " " + text;
}

std::variant<Config, ConfigProblems> parse_config(std::string_view text, const std::string& path) {
  Config config;
  config.file = path;
  ConfigProblems problems;
  if (auto wrong = wrong_character(text)) {
    wrong->file = path;
    problems.push_back(*std::move(wrong));
    return problems;
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    problems.push_back({path, parsed.error().source().begin.line, std::string(parsed.error().description())});
    return problems;
  }
  Reader reader(config, problems);
  reader.root(parsed.table());

  std::error_code ignored;  // an empty path has no absolute form; then it stays as it is
  const auto folder = std::filesystem::absolute(path, ignored).parent_path();
  config.data = below(folder, config.data);
  if (config.data.size() > 1 && config.data.ends_with('/')) config.data.pop_back();
  config.certificate = below(config.data, config.certificate);
  config.certificate_key = below(config.data, config.certificate_key);
  config.web = below(folder, config.web);
  for (ConfigConflict& one : check_config(config))
    problems.push_back({path, reader.line_of(one.key), std::move(one.text)});

  if (!problems.empty()) {
    std::ranges::stable_sort(problems, {}, &ConfigProblem::line);
    return problems;
  }
  return config;
}

std::variant<Config, ConfigProblems> load_config(const std::string& path) {
  const auto text = read_file(path);
  if (!text)
    return ConfigProblems{
        {path, 0, "cannot be read: " + text.error().message + ". 'irisd init --data DIR --base-port N' makes one."}};
  return parse_config(*text, path);
}

std::vector<ConfigConflict> check_config(const Config& config) {
  std::vector<ConfigConflict> conflicts;
  const std::pair<std::string, const std::vector<net::Address>*> lists[] = {
      {"listen.starttls", &config.listen.starttls},
      {"listen.direct_tls", &config.listen.direct_tls},
      {"listen.http", &config.listen.http},
      {"listen.https", &config.listen.https},
      {"listen.metrics", &config.listen.metrics}};
  std::map<std::string, std::string> taken;
  for (const auto& [name, list] : lists) {
    for (const net::Address& address : *list) {
      const std::string text = address.to_string();
      if (config.edge.allow_plaintext && !address.is_loopback())
        conflicts.push_back(
            {"auth.allow_plaintext",
             "auth.allow_plaintext = true is refused with " + name + " on " + text +
                 ": passwords would cross the network readable. Use loopback addresses only, or drop it."});
      if (address.port == 0) conflicts.push_back({name, name + ": " + text + " has no port; use 1 to 65535."});
      const auto [other, is_new] = taken.emplace(text, name);
      if (!is_new) conflicts.push_back({name, name + ": " + text + " is taken by " + other->second + "."});
    }
  }
  const auto ordered = [&conflicts](bool good, const std::string& lower, const std::string& upper) {
    if (!good) conflicts.push_back({lower, lower + " must not exceed " + upper + "."});
  };
  ordered(config.listener.connection.output_high_water <= config.listener.connection.output_bytes_max,
          "listen.output_high_water", "listen.output_max");
  ordered(config.edge.register_again <= config.edge.register_again_max, "session.register_again",
          "session.register_again_max");
  ordered(config.shard.repeat_after <= config.shard.repeat_max, "engine.repeat_after", "engine.repeat_max");
  // What a connection could not take would end it each time that it is due.
  if (config.edge.stanza_bytes_max + config.shard.archive_page_bytes_max > config.listener.connection.output_bytes_max)
    conflicts.push_back({"listen.output_max",
                         "listen.output_max must hold limits.stanza and account.archive_page_bytes_max together."});
  ordered(config.shard.roster_bytes_max <= config.listener.connection.output_bytes_max, "account.roster_bytes_max",
          "listen.output_max");
  ordered(config.shard.archive_page_default <= config.shard.archive_page_max, "account.archive_page_default",
          "account.archive_page_max");
  return conflicts;
}

std::vector<std::string> config_warnings(const Config& config) {
  const ListenConfig& listen = config.listen;
  if (!listen.starttls.empty() || !listen.direct_tls.empty() || !listen.http.empty() || !listen.https.empty())
    return {};
  return {"no client can connect: listen.starttls, listen.direct_tls, listen.http and listen.https are all empty"};
}

}  // namespace iris::app
