// Plays a script on a stage, and says where it does not go as written. A stage has people (connect, leave, send,
// unread, and what else they can do: act), accounts, and settles when all is at rest.
#pragma once
#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "module/expect_for_tests.h"
#include "script.h"

namespace iris::dialogue {

template <typename Stage>
class Play {
 public:
  explicit Play(std::uint64_t seed) : stage_(seed) {}

  // Empty: as the script says.
  std::string run(const std::vector<Step>& steps) {
    for (const auto& step : steps) {
      auto why = stage_.failure().empty() ? act(step) : stage_.failure();
      if (why.empty()) why = stage_.failure();
      if (!why.empty()) return "line " + std::to_string(step.line) + ": " + step.who + ": " + why;
    }
    for (const auto& [name, full] : people_)
      if (auto& unread = stage_.person(full).unread(); !unread.empty())
        return "at the end " + name + " has not looked at " + unread.front();
    return {};
  }

 private:
  std::string act(const Step& step) {
    using Kind = Step::Kind;
    if (step.kind == Kind::person) {
      people_[step.who] = step.text;
      auto bare = step.text.substr(0, step.text.find('/'));
      if (std::find(accounts_.begin(), accounts_.end(), bare) == accounts_.end())
        stage_.create_account(accounts_.emplace_back(bare));
      return {};
    }
    if (!people_.contains(step.who)) return "who is that?";
    const auto& full = people_[step.who];
    auto& person = stage_.person(full);
    switch (step.kind) {
      case Kind::connects: person.connect(); break;
      case Kind::logs_in:
        person.connect();
        stage_.settle();
        person.unread().clear();
        person.send("<presence/>");
        stage_.settle();
        person.unread().clear();
        break;
      case Kind::leaves:
        person.leave();
        stage_.settle();
        stage_.forget(full);
        break;
      case Kind::returns: stage_.return_as(full); break;
      case Kind::removes: stage_.remove_account(full.substr(0, full.find('/'))); break;
      case Kind::creates: stage_.create_account(full.substr(0, full.find('/'))); break;
      case Kind::sends:
        for (const auto& stanza : step.stanzas) person.send(with_values(stanza));
        break;
      case Kind::receives: return receive(person, step.stanzas, false);
      case Kind::receives_any: return receive(person, step.stanzas, true);
      case Kind::receives_none: return person.unread().empty() ? "" : "there is " + person.unread().front();
      case Kind::forgets: person.unread().clear(); break;
      default:
        if (!person.act(step)) return "cannot do that on this stage";
    }
    stage_.settle();
    return {};
  }

  // $name in what is sent stands for what was found at that place before.
  std::string with_values(std::string text) const {
    for (const auto& [name, value] : values_)
      for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
        text.replace(at, name.size(), value);
    return text;
  }

  // $name in what is expected: at its first place anything, which is remembered.
  void learn(const xml::Element& actual, const xml::Element& expected) {
    for (const auto& attribute : expected.attributes)
      if (attribute.value.starts_with("$"))
        if (auto value = actual.attribute(attribute.name)) values_[attribute.value] = std::string(*value);
    if (auto text = module::trimmed(expected.text()); text.starts_with("$")) values_[text] = actual.text();
    auto children = actual.elements();
    auto next = children.begin();
    for (const auto* wanted : expected.elements()) {
      auto loose = std::get<xml::Element>(module::parse_stanza_text(loosened(wanted->serialize("jabber:client"))));
      next = std::find_if(next, children.end(),
                          [&](const auto* child) { return module::mismatch(*child, loose).empty(); });
      if (next == children.end()) return;
      learn(**next++, *wanted);
    }
  }

  // Names that are known by their values, others by '*'.
  std::string loosened(const std::string& expected) const {
    auto text = with_values(expected);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '$') {
        out += text[i];
        continue;
      }
      out += '*';
      while (i + 1 < text.size() && (std::isalnum(static_cast<unsigned char>(text[i + 1])) || text[i + 1] == '_')) ++i;
    }
    return out;
  }

  template <typename Person>
  std::string receive(Person& person, std::vector<std::string> expected, bool any_order) {
    auto& unread = person.unread();
    while (!expected.empty()) {
      if (unread.empty()) return "did not receive " + expected.front();
      auto wrong = std::string("unexpected");
      auto found = expected.end();
      for (auto it = expected.begin(); it != expected.end(); ++it) {
        wrong = module::mismatch(unread.front(), loosened(*it));
        if (wrong.empty()) found = it;
        if (wrong.empty() || !any_order) break;
      }
      if (found == expected.end()) return wrong + "\n  received " + unread.front();
      learn(std::get<xml::Element>(module::parse_stanza_text(unread.front())),
            std::get<xml::Element>(module::parse_stanza_text(*found)));
      expected.erase(found);
      unread.pop_front();
    }
    return {};
  }

  Stage stage_;
  std::map<std::string, std::string> people_;  // full JID by name
  std::vector<std::string> accounts_;
  std::map<std::string, std::string, std::greater<>> values_;  // longer names before their prefixes
};

}  // namespace iris::dialogue
