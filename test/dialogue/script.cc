#include "script.h"

#include <array>
#include <optional>
#include <sstream>
#include <utility>

namespace iris::dialogue {
namespace {

struct Verb {
  std::string_view words;
  Step::Kind kind;
  bool stanzas;  // indented stanzas follow
};
constexpr std::array kVerbs{
    Verb{"connects", Step::Kind::connects, false},
    Verb{"logs in", Step::Kind::logs_in, false},
    Verb{"leaves", Step::Kind::leaves, false},
    Verb{"returns", Step::Kind::returns, false},
    Verb{"stops acknowledging", Step::Kind::stops_acking, false},
    Verb{"sends:", Step::Kind::sends, true},
    Verb{"receives:", Step::Kind::receives, true},
    Verb{"receives in any order:", Step::Kind::receives_any, true},
    Verb{"receives nothing", Step::Kind::receives_none, false},
    Verb{"forgets", Step::Kind::forgets, false},
    Verb{"removes the account", Step::Kind::removes, false},
    Verb{"creates the account", Step::Kind::creates, false},
    Verb{"opens a connection", Step::Kind::opens, false},
    Verb{"opens a connection without TLS", Step::Kind::opens_plainly, false},
    Verb{"opens a WebSocket", Step::Kind::opens_web, false},
    Verb{"secures the connection", Step::Kind::secures, false},
    Verb{"loses the connection", Step::Kind::is_cut, false},
};

std::string_view trim(std::string_view text) {
  auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::optional<Step> read_action(std::string_view line, int number, bool& stanzas) {
  auto space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  auto who = line.substr(0, space), rest = trim(line.substr(space));
  stanzas = false;
  if (rest.starts_with("is "))
    return Step{Step::Kind::person, number, std::string(who), std::string(trim(rest.substr(3)))};
  if (rest.starts_with("fetches /"))
    return Step{Step::Kind::fetches, number, std::string(who), std::string(rest.substr(8))};
  for (const auto& verb : kVerbs) {
    if (rest != verb.words) continue;
    stanzas = verb.stanzas;
    return Step{verb.kind, number, std::string(who)};
  }
  return std::nullopt;
}

}  // namespace

// Indented lines belong to the action above. A stanza begins at the first level of indentation; deeper lines go on with
// it.
std::variant<std::vector<Step>, ScriptError> parse_script(std::string_view text) {
  std::vector<Step> steps;
  std::istringstream in{std::string(text)};
  std::string line;
  bool stanzas = false;
  std::size_t level = 0;
  for (int number = 1; std::getline(in, line); ++number) {
    auto content = trim(line);
    if (content.empty() || content.front() == '#') continue;
    auto indent = line.find_first_not_of(' ');
    if (indent == 0) {
      auto step = read_action(trim(content.substr(0, content.find(" #"))), number, stanzas);
      if (!step) return ScriptError{number, "not an action: " + line};
      steps.push_back(*std::move(step));
      level = 0;
      continue;
    }
    if (steps.empty() || !stanzas) return ScriptError{number, "a stanza that belongs to nothing"};
    auto& out = steps.back().stanzas;
    if (level == 0) level = indent;
    if (indent <= level && content.front() == '<' && (out.empty() || !content.starts_with("</")))
      out.emplace_back(content);
    else if (out.empty())
      return ScriptError{number, "not a stanza"};
    else
      out.back().append("\n").append(content);
  }
  for (const auto& step : steps) {
    bool wants =
        step.kind == Step::Kind::sends || step.kind == Step::Kind::receives || step.kind == Step::Kind::receives_any;
    if (wants && step.stanzas.empty()) return ScriptError{step.line, "no stanza follows"};
  }
  return steps;
}

}  // namespace iris::dialogue
